package v1_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// unsized hides how long a body is, so that it is sent in chunks.
type unsized struct{ io.Reader }

// oneFile is a form with one file of so many bytes of text.
func oneFile(size int) io.Reader {
	return io.MultiReader(strings.NewReader("--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"),
		io.LimitReader(endless{}, int64(size)), strings.NewReader("\r\n"+formEnd))
}

// endless yields the letter x for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// What may be uploaded is told as it is kept to.
func TestUploadLimits(t *testing.T) {
	t.Parallel()
	app, ann, bob, _ := product(t, func(c *config.Config) {
		c.Files.MaxUpload, c.Files.Quota, c.Files.Allow = 9, 12, []string{"text", "audio/*"}
	})
	expect := func(who *apptest.User, want string) {
		t.Helper()
		if got := string(who.Must(200, "GET", "/v1/uploads", nil).Body); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	expect(ann, `{"max_size":9,"allow":["text","audio/*"],"quota":12,"used":0}`)
	upload(t, ann, "a.txt", "12345678")
	expect(ann, `{"max_size":9,"allow":["text","audio/*"],"quota":12,"used":8}`)
	expect(bob, `{"max_size":9,"allow":["text","audio/*"],"quota":12,"used":0}`)
	if got := app.Do("GET", "/v1/uploads", "", nil).Status; got != 401 {
		t.Errorf("a stranger: %d", got)
	}
	_, ann, _, _ = product(t, func(c *config.Config) { c.Files.ImagesOnly, c.Files.MaxUpload, c.Files.Quota = true, 9, 0 })
	expect(ann, `{"max_size":9,"allow":["images"],"quota":null,"used":0}`)
}

// Whatever is wrong with an upload, the order of refusals is the contract's and
// nothing stays on the disk or in the list.
func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	const most = 100_000
	app, ann, _, _ := product(t, func(c *config.Config) { c.Files.MaxUpload = most })
	const tooLarge, empty = `{"detail":"Uploaded file exceeds the maximum allowed size."}`, `{"detail":"Uploaded file was empty."}`
	const parsing = `{"detail":"There was an error parsing the body"}`
	const missing = `{"detail":[{"type":"missing","loc":["body","file"],"msg":"Field required","input":null}]}`
	file := func(content string) string { return part(`name="file"; filename="a.png"`, content) }
	elf := "\x7fELF\x02\x01\x01\x00"
	for name, c := range map[string]struct {
		body   io.Reader
		status int
		want   string // how the answer begins
	}{
		"one byte too many":         {oneFile(most + 1), 413, tooLarge},
		"twice too many":            {oneFile(2 * most), 413, tooLarge},
		"too many of a wrong type":  {strings.NewReader(file(elf+strings.Repeat("x", most)) + formEnd), 413, tooLarge},
		"empty of a wrong type":     {strings.NewReader(file("") + formEnd), 400, empty},
		"a wrong type":              {strings.NewReader(file(elf) + formEnd), 400, `{"detail":"Unsupported file type. Allowed are: images,`},
		"an archive":                {strings.NewReader(file("PK\x03\x04"+strings.Repeat("\x00", 40)) + formEnd), 400, `{"detail":"Unsupported file type.`},
		"no end":                    {strings.NewReader(file(pngHead)), 400, parsing},
		"no end of a large one":     {io.LimitReader(oneFile(most), most), 400, parsing},
		"another boundary":          {strings.NewReader(strings.ReplaceAll(file(pngHead), "frontier", "border")), 422, missing},
		"no form":                   {strings.NewReader("hello"), 422, missing},
		"a long head":               {strings.NewReader(part(`name="file"; filename="`+strings.Repeat("a", 80_000)+`"`, pngHead) + formEnd), 400, `{"detail":"A field of the form, or the head`},
		"an endless head":           {io.MultiReader(strings.NewReader("--frontier\r\nA: "), io.LimitReader(endless{}, most)), 400, `{"detail":"A field of the form, or the head`},
		"a long field before":       {strings.NewReader(part(`name="x"`, strings.Repeat("a", 80_000)) + file(pngHead) + formEnd), 400, `{"detail":"A field of the form, or the head`},
		"a long field behind":       {strings.NewReader(file(pngHead) + part(`name="x"`, strings.Repeat("a", 80_000)) + formEnd), 400, `{"detail":"A field of the form, or the head`},
		"many fields":               {strings.NewReader(strings.Repeat(part(`name="x"`, ""), 40) + file(pngHead) + formEnd), 400, `{"detail":"The form has more than 32 parts"}`},
		"many fields behind":        {strings.NewReader(file(pngHead) + strings.Repeat(part(`name="x"`, ""), 40) + formEnd), 400, `{"detail":"The form has more than 32 parts"}`},
		"a second file behind":      {strings.NewReader(file(pngHead) + file(pngHead) + formEnd), 422, `{"detail":[{"type":"value_error","loc":["body","file"],`},
		"a field called like files": {strings.NewReader(part(`name="files"; filename="a.png"`, pngHead) + formEnd), 422, missing},
	} {
		content, err := io.ReadAll(c.body)
		if err != nil {
			t.Fatal(err)
		}
		for how, body := range map[string]io.Reader{"": bytes.NewReader(content), " in chunks": unsized{bytes.NewReader(content)}} {
			res := sendForm(t, ann, app, form, body)
			if res.Status != c.status || !strings.HasPrefix(string(res.Body), c.want) {
				t.Errorf("%s%s: %d %s, want %d %s", name, how, res.Status, res.Body, c.status, c.want)
			}
		}
	}
	if left := onDisk(t, app, ann); len(left) != 0 {
		t.Errorf("on the disk: %v", left)
	}
	if body := string(ann.Must(200, "GET", "/v1/files", nil).Body); !strings.Contains(body, `"total_count":0`) {
		t.Errorf("list = %s", body)
	}
	// What just fits is taken, with other fields around it.
	fits := io.MultiReader(strings.NewReader("preamble\r\n"+part(`name="note"`, "hi")), oneFile(most))
	if res := sendForm(t, ann, app, form, fits); res.Status != http.StatusCreated {
		t.Errorf("%d bytes: %d %s", most, res.Status, res.Body)
	}
}

// A body that says it is far too large is refused before it is sent.
func TestAnnouncedTooLarge(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(app.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /v1/files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		ann.Token, form, 100<<20)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

// A client that leaves in the middle leaves nothing.
func TestAbortedUpload(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	for range 5 {
		read, write := io.Pipe()
		req, err := http.NewRequestWithContext(t.Context(), "POST", app.URL+"/v1/files/upload", read)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+ann.Token)
		req.Header.Set("Content-Type", form)
		go func() {
			_, _ = io.Copy(write, io.LimitReader(oneFile(5<<20), 1<<20))
			for len(onDisk(t, app, ann)) == 0 { // until the server has begun to store it
				runtime.Gosched()
			}
			write.CloseWithError(errors.New("enough"))
		}()
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("the upload was answered with %d", res.StatusCode)
		}
		for len(onDisk(t, app, ann)) != 0 { // until the server has noticed
			runtime.Gosched()
		}
	}
	if body := string(ann.Must(200, "GET", "/v1/files", nil).Body); !strings.Contains(body, `"total_count":0`) {
		t.Errorf("list = %s", body)
	}
}

// With the strict switch nothing but raster images is taken (Q-F1).
func TestImagesOnlyQF1(t *testing.T) {
	t.Parallel()
	_, ann, _, _ := product(t, func(c *config.Config) { c.Files.ImagesOnly = true })
	for name, content := range map[string]string{
		"a.png": pngHead, "noext": "\xff\xd8\xff\xe0", "a.txt": "GIF89a", "a.webp": "RIFF....WEBPVP8 ", "a.heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
	} {
		if f := upload(t, ann, name, content); !strings.HasPrefix(f.MimeType, "image/") {
			t.Errorf("%s: %s", name, f.MimeType)
		}
	}
	for name, content := range map[string]string{"a.png": "words", "b.png": "<svg/>", "c.png": "%PDF-1.7", "d.png": "<html>", "a.svg": "<svg/>"} {
		res := ann.Upload(name, []byte(content))
		if res.Status != 400 || string(res.Body) != `{"detail":"Unsupported file type. Only image uploads are allowed."}` {
			t.Errorf("%s of %q: %d %s", name, content, res.Status, res.Body)
		}
	}
}

// A person's files never take more than the quota, however many are sent at a
// time, and deleting makes room (Q-F7).
func TestQuotaQF7(t *testing.T) {
	t.Parallel()
	const quota, size, fit = 10_500, 1000, 10
	app, ann, bob, _ := product(t, func(c *config.Config) { c.Files.Quota = quota })
	var wg sync.WaitGroup
	answers := make([]apptest.Response, 24)
	for i := range answers {
		wg.Go(func() { answers[i] = ann.Upload("a.txt", bytes.Repeat([]byte("x"), size)) })
	}
	wg.Wait()
	taken := 0
	for _, res := range answers {
		switch {
		case res.Status == http.StatusCreated:
			taken++
		case res.Status != http.StatusRequestEntityTooLarge || !strings.Contains(string(res.Body), "10.3 KB"):
			t.Errorf("refused with %d %s", res.Status, res.Body)
		}
	}
	stored := onDisk(t, app, ann)
	if taken != fit || len(stored) != fit {
		t.Errorf("%d files taken, %d stored, %d fit", taken, len(stored), fit)
	}
	upload(t, bob, "b.txt", "Bob has his own")
	ann.Must(200, "DELETE", "/v1/files/"+stored[0], nil)
	upload(t, ann, "a.txt", strings.Repeat("x", size))
	if body := string(ann.Must(200, "GET", "/v1/files?limit=1", nil).Body); !strings.Contains(body, `"total_size":10000,`) {
		t.Errorf("list = %s", body)
	}
	// A tmate's file counts, too, and the tmate is told.
	s := ann.Dial()
	for _, f := range say(ann, s, ann.Thread("Adam"), "write long.txt "+strings.Repeat("x", 600)) {
		if f["type"] == "file_generated" {
			t.Errorf("a file beyond the quota: %v", f)
		}
	}
	if len(onDisk(t, app, ann)) != fit {
		t.Errorf("on the disk: %v", onDisk(t, app, ann))
	}
}

// A thousand uploads of random bytes under random names: what is accepted comes
// back byte for byte, and the folder holds exactly that.
func TestRandomUploads(t *testing.T) {
	t.Parallel()
	app, ann, _, _ := product(t, nil)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	type sent struct{ name, content string }
	todo := make(chan sent)
	var mu sync.Mutex
	kept := map[string]string{} // stored name to content
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for s := range todo {
				res := ann.Upload(s.name, []byte(s.content))
				if res.Status == http.StatusBadRequest {
					continue
				}
				if res.Status != http.StatusCreated {
					t.Errorf("upload of %q: %d %s", s.name, res.Status, res.Body)
					continue
				}
				var out struct{ File file }
				res.Decode(&out)
				back := ann.Do("GET", out.File.DownloadURL, nil)
				if back.Status != 200 || string(back.Body) != s.content {
					t.Errorf("%q (%d bytes) comes back as %d, %d bytes", s.name, len(s.content), back.Status, len(back.Body))
				}
				mu.Lock()
				kept[out.File.RelativePath] = s.content
				mu.Unlock()
			}
		})
	}
	random := rand.New(rand.NewPCG(seed, 1))
	heads := []string{"", pngHead, "GIF89a", "%PDF-1.4\n", "words ", "<html>", "{\"a\":", "PK\x03\x04", "\xff\xd8\xff"}
	ends := []string{"", ".png", ".TXT", ".tar.gz", ".c#v", ". ", "..", ".日本", "/", `\`, ".\x00", "\"; x=\"", ".\xff", "." + strings.Repeat("e", 40)}
	for range 1000 {
		noise := make([]byte, random.IntN(3000))
		for i := range noise {
			noise[i] = byte(random.IntN(256))
		}
		name := make([]rune, random.IntN(20))
		for i := range name {
			name[i] = rune(1 + random.IntN(0x2ff))
		}
		todo <- sent{string(name) + ends[random.IntN(len(ends))], heads[random.IntN(len(heads))] + string(noise)}
	}
	close(todo)
	wg.Wait()
	want := make([]string, 0, len(kept))
	for name := range kept {
		want = append(want, name)
	}
	slices.Sort(want)
	stored := onDisk(t, app, ann)
	slices.Sort(stored)
	if diff := cmp.Diff(want, stored); diff != "" || len(kept) < 200 {
		t.Errorf("%d kept (-accepted +stored):\n%s", len(kept), diff)
	}
	var list struct {
		Count int `json:"total_count"`
	}
	ann.Must(200, "GET", "/v1/files?limit=1", nil).Decode(&list)
	if list.Count != len(kept) {
		t.Errorf("%d in the list, %d accepted", list.Count, len(kept))
	}
}

// TestUploadMemoryQF7 sends 25 MB to a server in this process and watches the
// peak of its memory in use.
func TestUploadMemoryQF7(t *testing.T) { // not parallel: others would be measured, too
	const size, most = 25 << 20, 10 << 20
	app, ann, _, _ := product(t, nil)
	upload(t, ann, "warm.txt", "up")
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	runtime.GC()
	before := inUse()
	peak := before
	watched := watching{oneFile(size), func() { peak = max(peak, inUse()) }}
	res := sendForm(t, ann, app, form, watched)
	if res.Status != http.StatusCreated {
		t.Fatalf("upload: %d %s", res.Status, res.Body)
	}
	if grown := int64(peak - before); grown > most {
		t.Errorf("an upload of %d MB took %d KiB", size>>20, grown>>10)
	} else {
		t.Logf("an upload of %d MB took %d KiB", size>>20, grown>>10)
	}
	var out struct{ File file }
	if err := json.Unmarshal(res.Body, &out); err != nil || out.File.Size != size {
		t.Fatalf("stored %+v, %v", out.File, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", app.URL+out.File.DownloadURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+ann.Token)
	back, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = back.Body.Close() }()
	peak = before
	n, err := io.Copy(io.Discard, watching{back.Body, func() { peak = max(peak, inUse()) }})
	if grown := int64(peak - before); err != nil || n != size || grown > most {
		t.Errorf("a download of %d bytes took %d KiB, %v", n, grown>>10, err)
	}
}

// watching calls look at every read.
type watching struct {
	io.Reader
	look func()
}

func (w watching) Read(b []byte) (int, error) {
	w.look()
	return w.Reader.Read(b)
}
