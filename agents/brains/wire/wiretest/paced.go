package wiretest

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Beat is something a server sends after a pause.
type Beat struct {
	Pause time.Duration
	Text  string
}

// Paced is a client whose server takes its time. It stands in for sockets, which
// have no place in virtual time.
func Paced(headers time.Duration, beats []Beat) *http.Client {
	return &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(headers):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		out, in := io.Pipe()
		context.AfterFunc(r.Context(), func() { in.CloseWithError(r.Context().Err()) })
		go func() {
			for _, b := range beats {
				select {
				case <-time.After(b.Pause):
				case <-r.Context().Done():
					return
				}
				if _, err := io.WriteString(in, b.Text); err != nil {
					return
				}
			}
			<-r.Context().Done() // silent, but still there
		}()
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: out, Request: r}, nil
	})}
}
