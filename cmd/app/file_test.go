package app_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
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
func (s *stored) send(v *apptest.Process, p apptest.Account, random *rand.Rand, acknowledged func()) {
	for {
		text := strings.Repeat(fmt.Sprintf("%x ", random.Uint64()), 1+random.IntN(5000))
		path, err := upload(v, p, text)
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
			if status, _, err := v.Do(http.MethodDelete, "/v1/files/"+path, p.Token, nil); err != nil || status != http.StatusOK {
				return
			}
			s.mu.Lock()
			s.gone = append(s.gone, path)
			s.mu.Unlock()
		}
		acknowledged()
	}
}

// upload sends a file and returns its path once it is acknowledged.
func upload(v *apptest.Process, p apptest.Account, text string) (path string, err error) {
	status, body, err := v.Upload(p.Token, "a.txt", text)
	if err != nil || status != http.StatusCreated {
		return "", fmt.Errorf("upload: %d, %w", status, err)
	}
	var out struct {
		File struct {
			Path string `json:"relative_path"`
		}
	}
	err = json.Unmarshal(body, &out)
	return out.File.Path, err
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
	var p apptest.Account
	for round := range 6 {
		v := apptest.Spawn(t, dir, killed(model)...)
		if p.ID == "" {
			p = v.AddUser("ada@example.com")
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
		v.Kill()
		close(stop)
		sending.Wait()
	}
	v := apptest.Spawn(t, dir, killed(model)...)
	defer v.End()
	for path, text := range kept.files {
		if status, body, err := v.Do(http.MethodGet, "/v1/files/download/"+path, p.Token, nil); err != nil || status != http.StatusOK || string(body) != text {
			t.Errorf("%s: %d, %d bytes of %d, %v", path, status, len(body), len(text), err)
		}
	}
	for _, path := range kept.gone {
		if status, _, err := v.Do(http.MethodGet, "/v1/files/download/"+path, p.Token, nil); err != nil || status != http.StatusNotFound {
			t.Errorf("deleted %s: %d, %v", path, status, err)
		}
	}
	_, body, err := v.Do(http.MethodGet, "/v1/files?limit=500", p.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	// What was half-written goes while the server answers.
	for late := time.Now().Add(30 * time.Second); ; {
		parts, err := filepath.Glob(filepath.Join(dir, "files", p.ID, ".*.part"))
		if err != nil || len(parts) > 0 && time.Now().After(late) {
			t.Fatalf("half-written: %v, %v", parts, err)
		}
		if len(parts) == 0 {
			break
		}
		if _, _, err := v.Do(http.MethodGet, "/health", p.Token, nil); err != nil {
			t.Fatal(err)
		}
	}
	var list struct {
		Files []struct {
			Path string `json:"relative_path"`
		}
	}
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatal(err)
	}
	var listed, onDisk []string
	for _, f := range list.Files {
		listed = append(listed, f.Path)
	}
	err = filepath.WalkDir(filepath.Join(dir, "files", p.ID), func(path string, d fs.DirEntry, err error) error {
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
