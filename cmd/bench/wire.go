package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wire sends the same request again and again over one connection. The client
// shares the machine with the server it measures, so it does no more than it has
// to.
type wire struct {
	conn    net.Conn
	in      *bufio.Reader
	request []byte
}

// dial opens a connection on which the person posts a JSON body to a path.
func (p *person) dial(ctx context.Context, path, body string) (*wire, error) {
	host := strings.TrimPrefix(p.server.url, "http://")
	conn, err := (&net.Dialer{Timeout: eventTime}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	request := "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + p.token +
		"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	return &wire{conn: conn, in: bufio.NewReader(conn), request: []byte(request)}, nil
}

// post sends the request and reads the answer to its end. What is not 201 is an
// error.
func (w *wire) post() error {
	_ = w.conn.SetDeadline(time.Now().Add(eventTime))
	if _, err := w.conn.Write(w.request); err != nil {
		return fmt.Errorf("send request: %w", err)
	}
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	status, length := string(bytes.TrimSpace(line)), -1
	for {
		if line, err = w.in.ReadSlice('\n'); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		if http.CanonicalHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return fmt.Errorf("read answer: %w", err)
			}
		}
	}
	if length < 0 || !strings.HasPrefix(status, "HTTP/1.1 201 ") {
		return fmt.Errorf("send message: the answer is %q of %d bytes", status, length)
	}
	if _, err := w.in.Discard(length); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}
