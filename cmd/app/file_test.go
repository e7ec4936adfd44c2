package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
	"github.com/tmates/tmates/cmd/app/apptest"
)

// Without a model, too, Adam writes a file and attaches it.
func TestAdamWritesAFileT11(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	frames := say(ada.Dial(), ada.Thread("Adam"), "save milk and eggs as shopping list.txt")
	at := slices.IndexFunc(frames, func(f map[string]any) bool { return f["type"] == "file_generated" })
	const link = "/v1/files/download/shopping%20list.txt"
	want := map[string]any{
		"file_name": "shopping list.txt", "relative_path": "shopping list.txt", "download_url": link, "mime_type": "text/plain", "size": float64(13),
	}
	if at < 0 || cmp.Diff(want, frames[at]["file"]) != "" {
		t.Fatalf("frames: %v", apptest.Kinds(frames))
	}
	m := reply(frames)
	attached, _ := m["attachments"].([]any)
	if len(attached) != 1 || attached[0].(map[string]any)["uri"] != link || content(m) != "Saved shopping list.txt (13 B)" {
		t.Errorf("reply: %v", m)
	}
	if body := string(ada.Must(http.StatusOK, "GET", link, nil).Body); body != "milk and eggs" {
		t.Errorf("file: %q", body)
	}
}

// stored is what an acknowledged upload left behind.
type stored struct {
	mu    sync.Mutex
	files map[string]string // path to content
	gone  []string          // acknowledged as deleted
}

// send uploads and deletes files until the server is gone.
func (s *stored) send(v *victim, p *person, random *rand.Rand, acknowledged func()) {
	for {
		text := strings.Repeat(fmt.Sprintf("%x ", random.Uint64()), 1+random.IntN(5000))
		path, err := v.upload(p, text)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.files[path] = text
		s.mu.Unlock()
		if random.IntN(4) == 0 {
			s.mu.Lock()
			delete(s.files, path) // until it is acknowledged it may be there or not
			s.mu.Unlock()
			if status, _, err := v.fetch(p, http.MethodDelete, "/v1/files/"+path); err != nil || status != http.StatusOK {
				return
			}
			s.mu.Lock()
			s.gone = append(s.gone, path)
			s.mu.Unlock()
		}
		acknowledged()
	}
}

func (v *victim) upload(p *person, text string) (path string, err error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "a.txt")
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(part, text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, v.url+"/v1/files/upload", &form)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		File struct {
			Path string `json:"relative_path"`
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("upload: %d, %w", res.StatusCode, err)
	}
	return out.File.Path, nil
}

func (v *victim) fetch(p *person, method, path string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(context.Background(), method, v.url+path, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	content, err := io.ReadAll(res.Body)
	return res.StatusCode, string(content), err
}

// TestKill9HealsFiles kills the program in the middle of uploads and deletions,
// again and again: what was acknowledged is there byte for byte, what was deleted
// stays away, and list and folder agree.
func TestKill9HealsFiles(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir, model := t.TempDir(), modelserver.New(t)
	kept := &stored{files: map[string]string{}}
	var p *person
	for round := range 6 {
		v := spawn(t, dir, model.URL)
		if p == nil {
			p = v.newPerson(dir, 1)
		}
		acks, stop := make(chan struct{}), make(chan struct{})
		var sending sync.WaitGroup
		for k := range 3 {
			own := rand.New(rand.NewPCG(seed, uint64(10*round+k+1)))
			sending.Go(func() {
				kept.send(v, p, own, func() {
					select {
					case acks <- struct{}{}:
					case <-stop:
					}
				})
			})
		}
		for range 1 + random.IntN(15) {
			<-acks
		}
		v.kill()
		close(stop)
		sending.Wait()
	}
	v := spawn(t, dir, model.URL)
	defer v.end()
	for path, text := range kept.files {
		if status, body, err := v.fetch(p, http.MethodGet, "/v1/files/download/"+path); err != nil || status != http.StatusOK || body != text {
			t.Errorf("%s: %d, %d bytes of %d, %v", path, status, len(body), len(text), err)
		}
	}
	for _, path := range kept.gone {
		if status, _, err := v.fetch(p, http.MethodGet, "/v1/files/download/"+path); err != nil || status != http.StatusNotFound {
			t.Errorf("deleted %s: %d, %v", path, status, err)
		}
	}
	_, body, err := v.fetch(p, http.MethodGet, "/v1/files?limit=500")
	if err != nil {
		t.Fatal(err)
	}
	// What was half-written goes while the server answers.
	for late := time.Now().Add(30 * time.Second); ; {
		parts, err := filepath.Glob(filepath.Join(dir, "files", p.id, ".*.part"))
		if err != nil || len(parts) > 0 && time.Now().After(late) {
			t.Fatalf("half-written: %v, %v", parts, err)
		}
		if len(parts) == 0 {
			break
		}
		if _, _, err := v.fetch(p, http.MethodGet, "/health"); err != nil {
			t.Fatal(err)
		}
	}
	var list struct {
		Files []struct {
			Path string `json:"relative_path"`
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	var listed, onDisk []string
	for _, f := range list.Files {
		listed = append(listed, f.Path)
	}
	err = filepath.WalkDir(filepath.Join(dir, "files", p.id), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			onDisk = append(onDisk, filepath.Base(path))
		}
		return err
	})
	slices.Sort(listed)
	slices.Sort(onDisk)
	if diff := cmp.Diff(onDisk, listed); diff != "" || err != nil {
		t.Errorf("%v (-disk +list):\n%s", err, diff)
	}
	t.Logf("%d files acknowledged, %d deleted, %d listed", len(kept.files), len(kept.gone), len(listed))
}
