package v1_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/token"
	v1 "github.com/tmates/tmates/server/v1"
)

const (
	pngHead = "\x89PNG\r\n\x1a\n"
	// A form written by hand: form is its content type.
	form    = "multipart/form-data; boundary=frontier"
	formEnd = "--frontier--\r\n"
)

func part(disposition, content string) string {
	return "--frontier\r\nContent-Disposition: form-data; " + disposition + "\r\nContent-Type: image/png\r\n\r\n" + content + "\r\n"
}

// sendForm uploads a body as it is.
func sendForm(t *testing.T, u *apptest.User, app *apptest.App, contentType string, body io.Reader) apptest.Response {
	t.Helper()
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	res := ask(t, u, app, "POST", "/v1/files/upload", header, body)
	return res
}

// ask sends a request with headers; u may be nil.
func ask(t *testing.T, u *apptest.User, app *apptest.App, method, path string, header http.Header, body io.Reader) apptest.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, app.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name := range header {
		req.Header.Set(name, header.Get(name))
	}
	if u != nil {
		req.Header.Set("Authorization", "Bearer "+u.Token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apptest.Response{Status: res.StatusCode, Header: res.Header, Body: content}
}

// file is what the tests look at in an answer about one.
type file struct {
	FileName     string `json:"file_name"`
	RelativePath string `json:"relative_path"`
	DownloadURL  string `json:"download_url"`
	MimeType     string `json:"mime_type"`
	Size         int64
	OriginalName string `json:"original_name"`
}

// upload sends a file that has to be taken.
func upload(t *testing.T, u *apptest.User, name, content string) file {
	t.Helper()
	res := u.Upload(name, []byte(content))
	if res.Status != http.StatusCreated {
		t.Fatalf("upload of %q: %d %s", name, res.Status, res.Body)
	}
	var out struct {
		Success bool
		File    file
	}
	res.Decode(&out)
	if !out.Success {
		t.Errorf("upload of %q: %s", name, res.Body)
	}
	return out.File
}

// viewURL makes a link to a file.
func viewURL(u *apptest.User, path string) string {
	var out struct {
		ViewURL   string `json:"view_url"`
		ExpiresAt int64  `json:"expires_at"`
	}
	u.Must(http.StatusOK, "POST", "/v1/files/generate-view-url/"+path, nil).Decode(&out)
	return out.ViewURL
}

// onDisk lists what lies in the user's folder, half-written files included.
func onDisk(t *testing.T, app *apptest.App, u *apptest.User) []string {
	t.Helper()
	all := []string{}
	root := filepath.Join(app.Dir, "files", u.ID)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return all
}

// TestFileQuirks holds group F of the list of quirks, and what Q-R3 says of
// files.
func TestFileQuirks(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	picture := upload(t, ann, "a.png", pngHead+"pixels")
	putFile(t, app, ann, "pics/a b#c?d&e.png", pngHead, time.Now())
	const odd = "pics%2Fa%20b%23c%3Fd%26e.png"
	t.Run("Q-F1 the content decides, not what the client says", func(t *testing.T) {
		page := upload(t, ann, "photo.png", "<html><script>alert(1)</script>") // sent as an image
		if page.MimeType != "text/html" {
			t.Errorf("type = %q", page.MimeType)
		}
		drawing := upload(t, ann, "d.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`)
		for _, f := range []file{upload(t, ann, "p.html", "<html>"), drawing} {
			got := app.Do("GET", viewURL(ann, f.RelativePath), "", nil)
			if d := got.Header.Get("Content-Disposition"); got.Status != 200 || !strings.HasPrefix(d, "attachment; ") {
				t.Errorf("view of %s: %d, %q", f.MimeType, got.Status, d)
			}
		}
		if res := ann.Upload("a.png", []byte("\x7fELF\x02\x01\x01\x00")); res.Status != http.StatusBadRequest {
			t.Errorf("a program called .png: %d %s", res.Status, res.Body)
		}
	})
	t.Run("Q-F2 links work where they point", func(t *testing.T) {
		link := viewURL(ann, picture.RelativePath)
		path, ok := strings.CutPrefix(link, "/api/files/view/")
		if !ok {
			t.Fatalf("link = %s", link)
		}
		for _, prefix := range v1.Prefixes() {
			if res := app.Do("GET", prefix+"/files/view/"+path, "", nil); res.Status != 200 || string(res.Body) != pngHead+"pixels" {
				t.Errorf("%s: %d %s", prefix, res.Status, res.Body)
			}
		}
	})
	t.Run("Q-F3 view links are encoded", func(t *testing.T) {
		link := viewURL(ann, odd)
		if !strings.HasPrefix(link, "/api/files/view/pics/a%20b%23c%3Fd%26e.png?user_id="+ann.ID+"&expires=") {
			t.Errorf("link = %s", link)
		}
		if res := app.Do("GET", link, "", nil); res.Status != 200 || string(res.Body) != pngHead {
			t.Errorf("GET %s: %d %s", link, res.Status, res.Body)
		}
	})
	t.Run("Q-F4 no link to what is not there", func(t *testing.T) {
		for _, u := range []*apptest.User{ann, bob} {
			if res := u.Do("POST", "/v1/files/generate-view-url/nothing.png", nil); res.Status != http.StatusNotFound {
				t.Errorf("%d %s", res.Status, res.Body)
			}
		}
	})
	t.Run("Q-F5 pictures are shown", func(t *testing.T) {
		res := app.Do("GET", viewURL(ann, picture.RelativePath), "", nil)
		if d, want := res.Header.Get("Content-Disposition"), `inline; filename="`+picture.FileName+`"`; d != want {
			t.Errorf("disposition %q, want %q", d, want)
		}
	})
	t.Run("Q-F6 the original name is kept", func(t *testing.T) {
		f := upload(t, ann, "../Ünser Plan.v2.md", "# Plan")
		if f.OriginalName != "Ünser Plan.v2.md" || f.FileName != f.RelativePath || len(f.FileName) != 32+len(".md") || !strings.HasSuffix(f.FileName, ".md") {
			t.Errorf("stored %+v", f)
		}
		if body := string(ann.Must(200, "GET", "/v1/files", nil).Body); !strings.Contains(body, `"original_name":"Ünser Plan.v2.md"`) || !strings.Contains(body, `"name":"`+f.FileName+`"`) {
			t.Errorf("list = %s", body)
		}
	})
	t.Run("Q-F7 links of the file system are not listed and lead nowhere out", func(t *testing.T) {
		folder := filepath.Join(app.Dir, "files", ann.ID)
		for name, target := range map[string]string{"out.db": filepath.Join(app.Dir, "tmates.db"), "in.png": picture.FileName} {
			if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
				t.Skip(err)
			}
			defer func() { _ = os.Remove(filepath.Join(folder, name)) }()
		}
		if res := ann.Do("GET", "/v1/files/download/out.db", nil); res.Status != http.StatusForbidden {
			t.Errorf("a link that leads out: %d", res.Status)
		}
		if body := string(ann.Do("GET", "/v1/files", nil).Body); strings.Contains(body, "out.db") || strings.Contains(body, "in.png") {
			t.Errorf("list = %s", body)
		}
	})
	t.Run("Q-F8 HEAD tells what GET would", func(t *testing.T) {
		for path, u := range map[string]*apptest.User{"/v1" + strings.TrimPrefix(picture.DownloadURL, "/v1"): ann, viewURL(ann, picture.RelativePath): nil} {
			get, head := ask(t, u, app, "GET", path, nil, nil), ask(t, u, app, "HEAD", path, nil, nil)
			get.Header.Del("Date")
			head.Header.Del("Date")
			if diff := cmp.Diff(get.Header, head.Header); head.Status != 200 || len(head.Body) != 0 || diff != "" {
				t.Errorf("HEAD %s: %d, %d bytes (-get +head):\n%s", path, head.Status, len(head.Body), diff)
			}
		}
	})
	t.Run("Q-R3 a file of a tmate is told to the sockets", func(t *testing.T) { fileGenerated(t, ann, bob) })
}

// fileGenerated lets a tmate write files.
func fileGenerated(t *testing.T, ann, bob *apptest.User) {
	adam, s, quiet := ann.Thread("Adam"), ann.Dial(), bob.Dial()
	var told []any
	for _, text := range []string{"write plan.md # First", "write plan.md # Second", "write plan.md # First"} {
		for _, f := range say(ann, s, adam, text) {
			if f["type"] == "file_generated" {
				told = append(told, f["file"])
			}
		}
	}
	tell := func(name string, size int) any {
		return map[string]any{
			"file_name": name, "relative_path": name, "download_url": "/v1/files/download/" + name, "mime_type": "text/markdown", "size": float64(size),
		}
	}
	if diff := cmp.Diff([]any{tell("plan.md", 7), tell("plan-2.md", 8), tell("plan.md", 7)}, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	newest := messages(ann, adam, "?limit=1")[0]
	want := []any{map[string]any{
		"uri": "/v1/files/download/plan.md", "type": "text/markdown", "name": "plan.md", "relative_path": "plan.md", "size_bytes": float64(7),
	}}
	if diff := cmp.Diff(want, newest.Payload["attachments"]); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
	if body := string(ann.Must(200, "GET", "/v1/files/download/plan-2.md", nil).Body); body != "# Second" {
		t.Errorf("second version = %q", body)
	}
	for _, f := range say(bob, quiet, bob.Thread("Adam"), "hello") {
		if f["type"] == "file_generated" {
			t.Errorf("Bob was told %v", f)
		}
	}
}

// The key of links is made at the first start, and upstream's variables replace
// it (Q-F9).
func TestViewKeyQF9(t *testing.T) {
	t.Parallel()
	app, ann, _, model := product(t, nil)
	f := upload(t, ann, "a.txt", "words")
	link := viewURL(ann, f.RelativePath)
	app.Stop()
	app = start(t, app.Dir, model, nil, nil)
	if res := app.Do("GET", link, "", nil); res.Status != 200 || string(res.Body) != "words" {
		t.Errorf("after a restart: %d %s", res.Status, res.Body)
	}
	app.Stop()
	app = start(t, app.Dir, model, nil, func(c *config.Config) { c.Files.ViewSecret = "sess" })
	if res := app.Do("GET", link, "", nil); res.Status != http.StatusForbidden {
		t.Errorf("with another key: %d %s", res.Status, res.Body)
	}
	expires := time.Now().Add(time.Hour).Unix()
	link = fmt.Sprintf("/v1/files/view/%s?user_id=%s&expires=%d&token=%s", f.RelativePath, ann.ID, expires,
		token.SignView([]byte("sess"), ann.ID, f.RelativePath, expires))
	if res := app.Do("GET", link, "", nil); res.Status != 200 || string(res.Body) != "words" {
		t.Errorf("a link of upstream's: %d %s", res.Status, res.Body)
	}
	// A link of somebody who does not exist, although the folder does.
	if err := os.Rename(filepath.Join(app.Dir, "files", ann.ID), filepath.Join(app.Dir, "files", randomID)); err != nil {
		t.Fatal(err)
	}
	link = fmt.Sprintf("/v1/files/view/%s?user_id=%s&expires=%d&token=%s", f.RelativePath, randomID, expires,
		token.SignView([]byte("sess"), randomID, f.RelativePath, expires))
	if res := app.Do("GET", link, "", nil); res.Status != http.StatusNotFound || string(res.Body) != `{"detail":"File not found"}` {
		t.Errorf("a link of nobody: %d %s", res.Status, res.Body)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	const text = "0123456789"
	modified := time.Date(2026, 11, 22, 12, 56, 52, 123456789, time.UTC)
	for name, want := range map[string][2]string{ // type and name of a download
		"a.jpg": {"image/jpeg", `filename="a.jpg"`}, "a.JPEG": {"image/jpeg", `filename="a.JPEG"`}, "a.png": {"image/png", `filename="a.png"`},
		"a.gif": {"image/gif", `filename="a.gif"`}, "a.webp": {"image/webp", `filename="a.webp"`}, "a.svg": {"image/svg+xml", `filename="a.svg"`},
		"a.pdf": {"application/pdf", `filename="a.pdf"`}, "a.txt": {"text/plain; charset=utf-8", `filename="a.txt"`},
		"a.json": {"application/json", `filename="a.json"`}, "sub/a.csv": {"text/csv; charset=utf-8", `filename="a.csv"`},
		"noext": {"application/octet-stream", `filename="noext"`}, "sub dir/a b.txt": {"text/plain; charset=utf-8", `filename*=utf-8''a%20b.txt`},
		"a%20b.txt":  {"text/plain; charset=utf-8", `filename*=utf-8''a%2520b.txt`},
		`q"uote.txt`: {"text/plain; charset=utf-8", `filename*=utf-8''q%22uote.txt`}, "Grüße.html": {"text/html; charset=utf-8", `filename*=utf-8''Gr%C3%BC%C3%9Fe.html`},
	} {
		putFile(t, app, ann, name, text, modified)
		encoded := strings.NewReplacer("%", "%25", " ", "%20", `"`, "%22", "ü", "%C3%BC", "ß", "%C3%9F").Replace(name)
		for _, path := range []string{encoded, strings.ReplaceAll(encoded, "/", "%2F")} {
			for _, prefix := range v1.Prefixes() {
				res := ann.Must(http.StatusOK, "GET", prefix+"/files/download/"+path, nil)
				got := map[string]string{"body": string(res.Body)}
				for _, h := range []string{
					"Content-Type", "Content-Disposition", "Content-Length", "Accept-Ranges", "Last-Modified", "Cache-Control", "X-Content-Type-Options",
				} {
					got[h] = res.Header.Get(h)
				}
				if diff := cmp.Diff(map[string]string{
					"body": text, "Content-Type": want[0], "Content-Disposition": "attachment; " + want[1], "Content-Length": "10", "Accept-Ranges": "bytes",
					"Last-Modified": "Sun, 22 Nov 2026 12:56:52 GMT", "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff",
				}, got); diff != "" {
					t.Errorf("%s%s (-want +got):\n%s", prefix, path, diff)
				}
				if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") {
					t.Errorf("policy %q", csp)
				}
			}
		}
	}
	whole := ann.Must(http.StatusOK, "GET", "/v1/files/download/a.txt", nil)
	tag := whole.Header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) || len(tag) < 8 {
		t.Errorf("ETag %s", tag)
	}
	for _, c := range []struct {
		header, value string
		status        int
		body, ranged  string
	}{
		{"Range", "bytes=2-4", 206, "234", "bytes 2-4/10"},
		{"Range", "bytes=-3", 206, "789", "bytes 7-9/10"},
		{"Range", "bytes=8-", 206, "89", "bytes 8-9/10"},
		{"Range", "bytes=20-", 416, `{"detail":"Requested range not satisfiable"}`, "bytes */10"},
		{"Range", "lines=1-2", 416, `{"detail":"Requested range not satisfiable"}`, ""},
		{"If-None-Match", tag, 304, "", ""},
		{"If-None-Match", `"other"`, 200, text, ""},
		{"If-Modified-Since", "Sun, 22 Nov 2026 12:56:52 GMT", 304, "", ""},
		{"If-Match", `"other"`, 412, `{"detail":"Precondition Failed"}`, ""},
	} {
		res := ask(t, ann, app, "GET", "/v1/files/download/a.txt", http.Header{c.header: {c.value}}, nil)
		if res.Status != c.status || string(res.Body) != c.body || res.Header.Get("Content-Range") != c.ranged {
			t.Errorf("%s %s: %d %q %q", c.header, c.value, res.Status, res.Body, res.Header.Get("Content-Range"))
		}
		if c.status >= 400 && res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: type %q", c.value, res.Header.Get("Content-Type"))
		}
	}
	// Another content has another tag, also of the same size.
	putFile(t, app, ann, "a.txt", "9876543210", modified.Add(time.Microsecond))
	if again := ann.Must(200, "GET", "/v1/files/download/a.txt", nil).Header.Get("ETag"); again == tag {
		t.Errorf("the tag is still %s", tag)
	}
}

// View links show only what is safe inline, and are cached for an hour.
func TestView(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	for name, disposition := range map[string]string{
		"a.png": "inline", "a.jpg": "inline", "a.gif": "inline", "a.webp": "inline", "a.pdf": "inline",
		"a.svg": "attachment", "a.html": "attachment", "a.txt": "attachment", "a.xml": "attachment", "a.js": "attachment", "a": "attachment",
	} {
		putFile(t, app, ann, name, "x", time.Now())
		res := app.Do("GET", viewURL(ann, name), "", nil)
		if got, want := res.Header.Get("Content-Disposition"), disposition+`; filename="`+name+`"`; res.Status != 200 || got != want {
			t.Errorf("%s: %d %q, want %q", name, res.Status, got, want)
		}
		if cache, sniff := res.Header.Get("Cache-Control"), res.Header.Get("X-Content-Type-Options"); cache != "max-age=3600" || sniff != "nosniff" {
			t.Errorf("%s: %q, %q", name, cache, sniff)
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
			t.Errorf("%s: policy %q", name, csp)
		}
	}
	link := viewURL(ann, "a.png")
	path, query, _ := strings.Cut(link, "?")
	for _, changed := range []string{
		strings.Replace(path, "a.png", "a.jpg", 1) + "?" + query, // signed for another file
		path + "?" + strings.Replace(query, ann.ID, bob.ID, 1), path + "?" + strings.Replace(query, "expires=", "expires=1", 1),
		link[:len(link)-1] + string("0123456789abcdef"[(strings.IndexByte("0123456789abcdef", link[len(link)-1])+1)%16]), link + "0",
	} {
		if res := app.Do("GET", changed, "", nil); res.Status != http.StatusForbidden || string(res.Body) != `{"detail":"Invalid or expired view token"}` {
			t.Errorf("GET %s: %d %s", changed, res.Status, res.Body)
		}
	}
	if res := ask(t, nil, app, "GET", link, http.Header{"Range": {"bytes=0-0"}}, nil); res.Status != 206 {
		t.Errorf("a range of a view: %d", res.Status)
	}
	ann.Must(200, "DELETE", "/v1/files/a.png", nil)
	if res := app.Do("GET", link, "", nil); res.Status != http.StatusNotFound {
		t.Errorf("a deleted file: %d %s", res.Status, res.Body)
	}
}

// No path leads out of the caller's folder, whatever asks for it and however its
// slashes are written, and somebody else's file looks like none.
func TestPathsOfFiles(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, nil)
	mine := upload(t, ann, "a.txt", "mine")
	before := onDisk(t, app, ann)
	const missing, denied = `{"detail":"File not found"}`, `{"detail":"Access denied: invalid file path"}`
	for path, want := range map[string]string{
		"nothing.txt": missing, "%2e%2e%2f" + ann.ID + "%2f" + mine.FileName: denied, "..%2f..%2fsecrets.yaml": denied, "%2Fetc%2Fpasswd": denied,
		"sub%2f..%2f..%2fx": denied, "a%00b": denied, `..%5c..%5csecrets.yaml`: denied, "%ff.txt": denied, mine.FileName: missing,
		"%252e%252e%252fx": missing, strings.Repeat("a", 300): missing, strings.Repeat("a%2f", 600): denied, ".tmates-x.part": denied,
	} {
		for method, prefix := range map[string]string{"GET": "/v1/files/download/", "POST": "/v1/files/generate-view-url/", "DELETE": "/v1/files/"} {
			res := bob.Do(method, prefix+path, nil)
			status := map[string]int{missing: 404, denied: 403}[want]
			if res.Status != status || string(res.Body) != want {
				t.Errorf("%s %.60s: %d %s, want %d", method, path, res.Status, res.Body, status)
			}
		}
	}
	if diff := cmp.Diff(before, onDisk(t, app, ann)); diff != "" {
		t.Errorf("Ann's folder changed:\n%s", diff)
	}
	// A file may be called like a route.
	for _, name := range []string{"upload", "upload/x.txt", "download/x.txt", "view/sub/x.txt", "generate-view-url/x.txt"} {
		putFile(t, app, ann, name, "x", time.Now())
		ann.Must(200, "DELETE", "/v1/files/"+name, nil)
		putFile(t, app, ann, name, "x", time.Now())
		ann.Must(200, "DELETE", "/v1/files/"+strings.ReplaceAll(name, "/", "%2F"), nil)
	}
	if diff := cmp.Diff(before, onDisk(t, app, ann)); diff != "" {
		t.Errorf("after deleting:\n%s", diff)
	}
	// Attachments in a reply, too: Bob's tmate repeats a link to Ann's file.
	s := bob.Dial()
	say(bob, s, bob.Thread("Adam"), "see /v1/files/download/"+mine.FileName)
	if m := messages(bob, bob.Thread("Adam"), "?limit=1")[0]; m.Payload["attachments"] != nil {
		t.Errorf("attachments = %v", m.Payload["attachments"])
	}
	s = ann.Dial()
	say(ann, s, ann.Thread("Adam"), "see /v1/files/download/"+mine.FileName)
	want := []any{map[string]any{
		"uri": mine.DownloadURL, "type": "text/plain", "name": mine.FileName, "relative_path": mine.FileName, "size_bytes": float64(4),
	}}
	if diff := cmp.Diff(want, messages(ann, ann.Thread("Adam"), "?limit=1")[0].Payload["attachments"]); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
}

// A signed link shows nothing of somebody who may not use the server any more.
func TestLinksOfTheSuspended(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	link := viewURL(ann, upload(t, ann, "a.txt", "words").RelativePath)
	for _, step := range []struct {
		suspend string
		status  int
	}{{"1h", http.StatusNotFound}, {"none", http.StatusOK}} {
		if err := app.Call("user.ban", control.Ban{Email: ann.Email, For: step.suspend}, new(control.Ban)); err != nil {
			t.Fatal(err)
		}
		if res := app.Do("GET", link, "", nil); res.Status != step.status {
			t.Errorf("suspended for %s: %d %s", step.suspend, res.Status, res.Body)
		}
	}
}
