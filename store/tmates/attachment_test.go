package tmates_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

func TestNormalizeAttachment(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", tmates.MaxAttachmentText)
	tests := map[string]struct {
		in   map[string]any
		want map[string]any
	}{
		"only a uri": {map[string]any{"uri": "x"}, map[string]any{"uri": "x"}},
		"everything": {
			map[string]any{
				"uri": "https://h/a", "type": "image/png", "name": "a", "relative_path": "p/a.png", "download_url": "/d",
				"size_bytes": 3.0, "width": 4.0, "height": json.Number("5"), "duration": 1.5,
			},
			map[string]any{
				"uri": "https://h/a", "type": "image/png", "name": "a", "relative_path": "p/a.png", "download_url": "/d",
				"size_bytes": int64(3), "width": int64(4), "height": int64(5), "duration": 1.5,
			},
		},
		"nulls and unknown keys go": {
			map[string]any{"uri": "x", "type": nil, "size_bytes": nil, "duration": nil, "colour": "red"},
			map[string]any{"uri": "x"},
		},
		"numeric text": {
			map[string]any{"uri": "x", "size_bytes": "12", "width": " 7 ", "height": "8.0", "duration": "2.25"},
			map[string]any{"uri": "x", "size_bytes": int64(12), "width": int64(7), "height": int64(8), "duration": 2.25},
		},
		"zero is a value": {
			map[string]any{"uri": "x", "size_bytes": 0.0, "duration": 0.0},
			map[string]any{"uri": "x", "size_bytes": int64(0), "duration": 0.0},
		},
		"beyond the precision of a float": {
			map[string]any{"uri": "x", "size_bytes": json.Number("9007199254740993")},
			map[string]any{"uri": "x", "size_bytes": int64(9007199254740993)},
		},
		"negative is unknown": {map[string]any{"uri": "x", "width": -1.0, "duration": -0.5}, map[string]any{"uri": "x"}},
		"longest text":        {map[string]any{"uri": "x", "name": long}, map[string]any{"uri": "x", "name": long}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ok := tmates.NormalizeAttachment(test.in)
			if !ok {
				t.Fatal("refused")
			}
			if diff := cmp.Diff(test.want, a.Sparse()); diff != "" {
				t.Errorf("sparse form (-want +got):\n%s", diff)
			}
		})
	}
}

// Each has one reason to be refused.
func TestRefusedAttachments(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]map[string]any{
		"nothing":             nil,
		"no uri":              {"name": "a"},
		"null uri":            {"uri": nil},
		"blank uri":           {"uri": " \t"},
		"uri of a number":     {"uri": 5.0},
		"name of a list":      {"uri": "x", "name": []any{}},
		"too long a text":     {"uri": "x", "name": strings.Repeat("x", tmates.MaxAttachmentText+1)},
		"half a byte":         {"uri": "x", "size_bytes": 1.5},
		"size of words":       {"uri": "x", "size_bytes": "big"},
		"size of a boolean":   {"uri": "x", "size_bytes": true},
		"size beyond 63 bits": {"uri": "x", "size_bytes": json.Number("9223372036854775808")},
		"not a number":        {"uri": "x", "duration": "NaN"},
		"infinite":            {"uri": "x", "duration": "Inf"},
	} {
		a, ok := tmates.NormalizeAttachment(in)
		if ok {
			t.Errorf("%s: accepted", name)
		}
		if diff := cmp.Diff(tmates.Attachment{}, a); diff != "" {
			t.Errorf("%s: a refused attachment has values:\n%s", name, diff)
		}
	}
}

func TestAttachmentPathQC19(t *testing.T) {
	t.Parallel()
	tests := []struct{ uri, given, want string }{
		{"/v1/files/download/q3.png", "", "q3.png"},
		{"/api/v1/files/download/q3.png", "", "q3.png"},
		{"/files/download/q3.png", "", "q3.png"},
		{"/api/files/download/q3.png", "", "q3.png"},
		{"https://h:8000/v1/files/download/pics/a.png", "", "pics/a.png"},
		{"/v1/files/download/a%20b%2Fc.png?token=1#x", "", "a b/c.png"}, // Q-C19
		{"/v1/files/download/a.png#top", "", "a.png"},
		{"/v1/files/download/%C3%BCber.png", "", "über.png"},
		{"/v1/files/download/100%.png", "", "100%.png"},
		{"/v1/files/download///a.png", "", "a.png"},
		{"/v1/files/download/%2Fetc/passwd", "", "etc/passwd"},
		{"/v1/files/download/%252e%252e/a", "", "%2e%2e/a"},
		{"/v1/files/download/a.png", "given.png", "given.png"},
		{"/v1/files/download/a.png", "../given.png", "a.png"},
		{"x", "pics/..a.png", "pics/..a.png"},

		{"/v1/files/download/", "", ""},
		{"/v1/files/download/../secret", "", ""},
		{"/v1/files/download/%2e%2e/secret", "", ""},
		{"/v1/files/download/a/%2e%2e", "", ""},
		{"/v1/files/download/a%00b", "", ""},
		{"/v1/files/download/a%5Cb", "", ""},
		{"/v1/files/download/%ff", "", ""},
		{"/v1/files/view/a.png", "", ""},
		{"x", "..", ""},
		{"x", "a/../b", ""},
		{"x", "/etc/passwd", ""},
		{"x", `..\secret`, ""},
		{"x", "a\x00b", ""},
	}
	for _, test := range tests {
		a, ok := tmates.NormalizeAttachment(map[string]any{"uri": test.uri, "relative_path": test.given})
		if !ok || a.RelativePath != test.want {
			t.Errorf("path of uri %q, given %q = %q, %v; want %q", test.uri, test.given, a.RelativePath, ok, test.want)
		}
	}
}

func TestAttachmentsOf(t *testing.T) {
	t.Parallel()
	sparse := func(attachments []tmates.Attachment) []map[string]any {
		all := []map[string]any{}
		for _, a := range attachments {
			all = append(all, a.Sparse())
		}
		return all
	}
	tests := map[string]struct{ payload, want string }{
		"none":         {`{}`, `[]`},
		"null":         {`{"attachments":null}`, `[]`},
		"not a list":   {`{"attachments":"a"}`, `[]`},
		"uri first":    {`{"attachments":[{"uri":"u","url":"v","download_url":"w"}]}`, `[{"uri":"u","download_url":"w"}]`},
		"url":          {`{"attachments":[{"uri":"","url":"v"}]}`, `[{"uri":"v"}]`},
		"download_url": {`{"attachments":[{"uri":null,"download_url":"w"}]}`, `[{"uri":"w","download_url":"w"}]`},
		"other names": {
			`{"attachments":[{"uri":"u","mime_type":"m","label":"l"},{"uri":"u","content_type":"c","filename":"f"}]}`,
			`[{"uri":"u","type":"m","name":"l"},{"uri":"u","type":"c","name":"f"}]`,
		},
		"no address": {`{"attachments":[{"name":"n"},{"uri":" "},7,null,"x",{"uri":"u"}]}`, `[{"uri":"u"}]`},
		"numbers": {
			`{"attachments":[{"uri":"u","size_bytes":"9","width":1,"height":"tall","duration":"0.5"}]}`,
			`[{"uri":"u","size_bytes":9,"width":1,"duration":0.5}]`,
		},
		"path":           {`{"attachments":[{"uri":"u","relative_path":"a/b.png"}]}`, `[{"uri":"u","relative_path":"a/b.png"}]`},
		"dangerous path": {`{"attachments":[{"uri":"u","relative_path":"../b.png"}]}`, `[{"uri":"u"}]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var payload map[string]any
			if err := json.Unmarshal([]byte(test.payload), &payload); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(sparse(tmates.AttachmentsOf(payload)))
			if err != nil {
				t.Fatal(err)
			}
			var want, have any
			_, _ = json.Unmarshal([]byte(test.want), &want), json.Unmarshal(got, &have)
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("attachments (-want +got):\n%s", diff)
			}
		})
	}
}

// A message that was not stored yet has the payload as it was built.
func TestAttachmentsOfThisProcess(t *testing.T) {
	t.Parallel()
	a, _ := tmates.NormalizeAttachment(map[string]any{"uri": "/v1/files/download/a.png", "size_bytes": 5, "duration": 2})
	got := tmates.AttachmentsOf(map[string]any{"attachments": []map[string]any{a.Sparse()}})
	if diff := cmp.Diff([]tmates.Attachment{a}, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestAttachmentsOfIsBounded(t *testing.T) {
	t.Parallel()
	var list []any
	for i := range tmates.MaxAttachments + 5 {
		list = append(list, map[string]any{"name": "no address"}, map[string]any{"uri": strconv.Itoa(i)})
	}
	got := tmates.AttachmentsOf(map[string]any{"attachments": list})
	if len(got) != 20 || got[19].URI != "19" {
		t.Errorf("%d attachments, the last %q; want 20 and \"19\"", len(got), got[len(got)-1].URI)
	}
}

func FuzzNormalizeAttachment(f *testing.F) {
	f.Add(`{"uri":"/v1/files/download/a%20b.png?x=1","size_bytes":"3","duration":1e3}`)
	f.Add(`{"uri":"https://h/api/v1/files/download/%2e%2e/secret","relative_path":"../x"}`)
	f.Add(`{"uri":"u","relative_path":"a\u0000b","width":-1}`)
	f.Add(`{"uri":"u","size_bytes":1e400}`)
	f.Add(`{"url":"u","duration":"0x1p-2"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var in map[string]any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&in) != nil {
			return
		}
		for _, a := range tmates.AttachmentsOf(map[string]any{"attachments": []any{in}}) {
			checkAttachment(t, a)
		}
		a, ok := tmates.NormalizeAttachment(in)
		if !ok {
			return
		}
		checkAttachment(t, a)
		again, ok := tmates.NormalizeAttachment(a.Sparse())
		if diff := cmp.Diff(a, again); !ok || diff != "" {
			t.Errorf("a normal attachment changed (%v):\n%s", ok, diff)
		}
	})
}

func checkAttachment(t *testing.T, a tmates.Attachment) {
	t.Helper()
	if a.URI == "" {
		t.Error("attachment without a uri")
	}
	if a.RelativePath != "" && !tmates.ValidFilePath(a.RelativePath) {
		t.Errorf("dangerous path %q", a.RelativePath)
	}
	for _, s := range []string{a.URI, a.Type, a.Name, a.RelativePath, a.DownloadURL} {
		if utf8.RuneCountInString(s) > tmates.MaxAttachmentText {
			t.Errorf("text of %d code points", utf8.RuneCountInString(s))
		}
	}
	if _, err := json.Marshal(a.Sparse()); err != nil {
		t.Errorf("cannot be sent: %v", err)
	}
}
