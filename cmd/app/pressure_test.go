package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// slow is a request whose body is on its way.
type slow struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	rest string
}

// begin sends a request but for its last byte, and returns when the server reads
// the body: it asks for that.
func begin(t testing.TB, a *apptest.App, method, path, bearer, body string) slow {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := slow{t, conn, bufio.NewReader(conn), body[len(body)-1:]}
	s.write(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		method, path, bearer, len(body)))
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := s.in.ReadString('\n'); line != want {
			t.Fatalf("%s %s: %q, %v", method, path, line, err)
		}
	}
	s.write(body[:len(body)-1])
	return s
}

func (s slow) write(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.conn, text); err != nil {
		s.t.Fatal(err)
	}
}

// end sends what is left and returns the status of the answer.
func (s slow) end() int {
	s.t.Helper()
	s.write(s.rest)
	res, err := http.ReadResponse(s.in, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

// Past the bound a request is told to come back at once; what has bounds of its
// own goes on, and all is well afterwards.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Env: []string{"TMATES_SERVER_REQUESTS=1"}})
	ada := a.AddUser("ada@example.com", "Ada")
	thread := ada.Thread("Adam")

	busy := begin(t, a, "POST", "/v1/chats/"+thread+"/messages", ada.Token, `{"content":"hello"}`)
	for _, c := range []struct{ method, path string }{{"GET", "/v1/teammates"}, {"GET", "/v1/chats/" + thread}, {"POST", "/v1/billing/webhook"}} {
		res := ada.Do(c.method, c.path, nil)
		if res.Status != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" ||
			string(res.Body) != `{"detail":"The server has too much to do. Please try again."}` {
			t.Errorf("%s %s: %d %v %s", c.method, c.path, res.Status, res.Header, res.Body)
		}
	}
	for _, path := range []string{"/health", "/health/ready"} {
		if res := a.Do("GET", path, "", nil); res.Status != http.StatusOK {
			t.Errorf("%s: %d", path, res.Status)
		}
	}
	if res := ada.Upload("a.txt", []byte("words")); res.Status != http.StatusCreated {
		t.Errorf("upload: %d %s", res.Status, res.Body)
	}
	s := ada.Dial()
	s.Send(map[string]any{"type": "ping"})
	s.Until(func(f map[string]any) bool { return f["type"] == "pong" })
	if status := busy.end(); status != http.StatusCreated {
		t.Errorf("the busy request: %d", status)
	}
	ada.Must(http.StatusOK, "GET", "/v1/teammates", nil)
}

// Requests for a login wait instead of being refused, in a queue of bounded
// length, and the question who one is waits for nobody.
func TestLoginsWait(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{Env: []string{"TMATES_SERVER_REQUESTS=1"}})
	ada := a.AddUser("ada@example.com", "Ada")
	const refresh = "/auth/v1/token?grant_type=refresh_token"

	busy := begin(t, a, "POST", "/auth/v1/recover", "", `{"email":"ada@example.com"}`)
	const queue, tooMany = 15, 5 // one of 16 runs
	answers := make(chan apptest.Response, queue+tooMany)
	for range queue + tooMany {
		go func() { answers <- a.Do("POST", refresh, "", map[string]string{"refresh_token": ada.Refresh}) }()
	}
	for range tooMany {
		res := <-answers
		if want := `{"code":503,"error_code":"service_unavailable"`; res.Status != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" ||
			!strings.HasPrefix(string(res.Body), want) {
			t.Errorf("one too many: %d %v %s", res.Status, res.Header, res.Body)
		}
	}
	ada.Must(http.StatusOK, "GET", "/auth/v1/user", nil)
	if status := busy.end(); status != http.StatusOK {
		t.Errorf("the busy request: %d", status)
	}
	for range queue {
		if res := <-answers; res.Status != http.StatusOK {
			t.Errorf("who waited: %d %s", res.Status, res.Body)
		}
	}
}
