package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// person is somebody who is logged in.
type person struct {
	server    *server
	id, token string
}

// do performs a request of the API and decodes the answer; in and out may be nil.
func (p *person) do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	return p.send(ctx, method, path, "application/json", body, out)
}

// send is do with any body.
func (p *person) send(ctx context.Context, method, path, kind string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.server.url+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if len(body) > 0 {
		req.Header.Set("Content-Type", kind)
	}
	res, err := p.server.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= http.StatusMultipleChoices {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 1024))
		return fmt.Errorf("%s %s: the answer is %s: %s", method, path, res.Status, bytes.TrimSpace(said))
	}
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			return fmt.Errorf("%s %s: read answer: %w", method, path, err)
		}
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// socketURL is where the person's events come from.
func (p *person) socketURL() string {
	return "ws" + strings.TrimPrefix(p.server.url, "http") + "/v1/ws/" + p.id + "?token=" + p.token
}

// open returns the person's direct thread with a tmate.
func (p *person) open(ctx context.Context, tmate string) (threadID string, err error) {
	var t struct {
		ID string `json:"id"`
	}
	err = p.do(ctx, http.MethodPost, "/v1/chats?agent_key="+tmate, nil, &t)
	return t.ID, err
}
