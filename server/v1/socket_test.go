package v1

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

func TestDecodeFrame(t *testing.T) {
	t.Parallel()
	const notFrame, badAfter = errFrame("A frame must be a JSON object"), errFrame("after must be a whole number, 0 or more")
	tests := map[string]struct {
		in   string
		want request
		err  error
	}{
		"ping":            {`{"type":"ping"}`, request{kind: "ping", after: -1}, nil},
		"no type":         {`{}`, request{after: -1}, nil},
		"type of a list":  {`{"type":[]}`, request{after: -1}, nil},
		"subscribe":       {`{"type":"subscribe","thread_id":"t"}`, request{kind: "subscribe", threadID: "t", ref: "t", after: -1}, nil},
		"any thread id":   {`{"type":"subscribe","thread_id":[1,null]}`, request{kind: "subscribe", threadID: []any{json.Number("1"), nil}, after: -1}, nil},
		"resume":          {`{"thread_id":"t","after":7,"stream":true}`, request{threadID: "t", ref: "t", after: 7, stream: true}, nil},
		"stream of words": {`{"thread_id":"t","stream":"true"}`, request{threadID: "t", ref: "t", after: -1}, nil},
		"null after":      {`{"after":null}`, request{after: -1}, nil},
		"send": {
			`{"type":"send_message","thread_id":"t","content":" hi ","session_id":" s ","client_id":5,"attachments":[{"uri":"u"},{"name":"n"},7]}`,
			request{
				kind: "send_message", threadID: "t", ref: "t", content: " hi ", sessionID: "s", clientID: json.Number("5"), after: -1,
				attachments: []tmates.Attachment{{URI: "u"}},
			}, nil,
		},
		"send other kinds": {
			`{"type":"send_message","thread_id":5,"content":[],"session_id":1,"client_id":{},"attachments":"a"}`,
			request{kind: "send_message", threadID: json.Number("5"), after: -1}, nil,
		},

		"not JSON":         {`hello`, request{}, notFrame},
		"not an object":    {`[]`, request{}, notFrame},
		"null":             {`null`, request{}, notFrame},
		"too deep":         {strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65), request{}, notFrame},
		"after of words":   {`{"after":"7"}`, request{}, badAfter},
		"half after":       {`{"after":1.5}`, request{}, badAfter},
		"negative after":   {`{"after":-1}`, request{}, badAfter},
		"huge after":       {`{"after":9223372036854775808}`, request{}, badAfter},
		"long thread id":   {`{"thread_id":"` + strings.Repeat("a", maxEcho-1) + `"}`, request{}, errFrame("thread_id is too long")},
		"nested thread id": {`{"thread_id":["` + strings.Repeat("a", maxEcho) + `"]}`, request{}, errFrame("thread_id is too long")},
		"long client id":   {`{"client_id":"` + strings.Repeat("a", maxEcho-1) + `"}`, request{}, errFrame("client_id is too long")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeFrame([]byte(test.in))
			if err != test.err {
				t.Fatalf("error = %v, want %v", err, test.err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(request{})); diff != "" {
				t.Errorf("frame (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("most attachments", func(t *testing.T) {
		t.Parallel()
		got, err := decodeFrame([]byte(`{"attachments":[` + strings.TrimSuffix(strings.Repeat(`{"uri":"u"},`, 30), ",") + `]}`))
		if err != nil || len(got.attachments) != tmates.MaxAttachments {
			t.Errorf("%d attachments, %v", len(got.attachments), err)
		}
	})
}

// FuzzFrame checks that no frame breaks the socket, and that what is echoed is
// bounded.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"type":"ping"}`, `{"type":"subscribe","thread_id":"team:all","after":3,"stream":true}`, `hello`, `[]`, "\xff", `{"type":null}`,
		`{"type":"send_message","thread_id":"t","content":"hi","attachments":[{"uri":"u","size_bytes":"x"}],"session_id":5,"client_id":"c"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeFrame(data)
		if err != nil {
			if len(err.Error()) > 100 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			return
		}
		for _, v := range []any{
			subscribedFrame{"subscribed", r.threadID}, sentFrame{Type: "message_sent", ThreadID: r.ref, ClientID: r.clientID},
			errorFrame{Type: "error", ClientID: r.clientID},
		} {
			if out := frame(v); !json.Valid(out) || len(out) > 3*maxEcho {
				t.Errorf("%q is answered with %q", data, out)
			}
		}
	})
}
