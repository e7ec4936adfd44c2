package files_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/tmates/tmates/store/files"
)

func TestPutLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		limit int64
		want  error
	}{
		{"", 0, nil}, {"", 5, nil}, {"12345", 5, nil}, {"12345", 1 << 62, nil}, {"12345", int64(^uint64(0) >> 1), nil},
		{"123456", 5, files.ErrTooLarge}, {"1", 0, files.ErrTooLarge}, {"1", -1, files.ErrTooLarge},
		{strings.Repeat("x", 100_000), 99_999, files.ErrTooLarge},
	} {
		s, dir := open(t)
		file, err := s.Put(t.Context(), anna, "deep/sub/a.txt", iotest.OneByteReader(strings.NewReader(test.text)), test.limit)
		if !errors.Is(err, test.want) {
			t.Errorf("put %d bytes within %d: %v, want %v", len(test.text), test.limit, err, test.want)
		}
		if err != nil {
			wantTree(t, dir, "files", "files/"+anna)
		} else if file.Size != int64(len(test.text)) || read(t, s, anna, "deep/sub/a.txt") != test.text {
			t.Errorf("stored %+v", file)
		}
	}
}

// failing yields some bytes and then what fails.
func failing(fail func() error) io.Reader {
	return io.MultiReader(strings.NewReader("half of a "), readerFunc(func([]byte) (int, error) { return 0, fail() }))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestPutFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("line went dead")
	t.Run("reader", func(t *testing.T) {
		t.Parallel()
		s, dir := open(t)
		_, err := s.Put(t.Context(), anna, "sub/a.txt", failing(func() error { return broken }), 100)
		if !errors.Is(err, broken) {
			t.Errorf("put: %v", err)
		}
		wantTree(t, dir, "files", "files/"+anna)
	})
	t.Run("reader exactly at the limit", func(t *testing.T) {
		t.Parallel()
		s, dir := open(t)
		_, err := s.Put(t.Context(), anna, "a.txt", failing(func() error { return broken }), int64(len("half of a ")))
		if !errors.Is(err, broken) {
			t.Errorf("put: %v", err)
		}
		wantTree(t, dir, "files", "files/"+anna)
	})
	t.Run("the old file stays", func(t *testing.T) {
		t.Parallel()
		s, dir := open(t)
		put(t, s, anna, "sub/a.txt", "old")
		_, err := s.Put(t.Context(), anna, "sub/a.txt", failing(func() error { return broken }), 100)
		if !errors.Is(err, broken) || read(t, s, anna, "sub/a.txt") != "old" {
			t.Errorf("put: %v, now %q", err, read(t, s, anna, "sub/a.txt"))
		}
		wantTree(t, dir, "files", "files/"+anna, "files/"+anna+"/sub", "files/"+anna+"/sub/a.txt")
	})
	t.Run("context", func(t *testing.T) {
		t.Parallel()
		s, dir := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		endless := readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		if _, err := s.Put(ctx, anna, "a.txt", endless, 1<<40); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
		wantTree(t, dir, "files", "files/"+anna)
	})
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		s, dir := open(t)
		func() {
			defer func() { _ = recover() }()
			_, err := s.Put(t.Context(), anna, "sub/a.txt", failing(func() error { panic("bug") }), 100)
			t.Errorf("put: %v", err)
		}()
		wantTree(t, dir, "files", "files/"+anna)
		put(t, s, anna, "a.txt", "goes on")
	})
}

// Readers of a replaced file keep what they opened.
func TestReplace(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	put(t, s, anna, "a.txt", "old")
	file, err := s.Open(t.Context(), anna, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	put(t, s, anna, "a.txt", "newer")
	if text, err := io.ReadAll(file); string(text) != "old" || err != nil {
		t.Errorf("an open file reads %q, %v", text, err)
	}
	if got := read(t, s, anna, "a.txt"); got != "newer" {
		t.Errorf("afterwards it reads %q", got)
	}
}

// Of those who add the same path at once exactly one comes first, and keeps it.
func TestAdd(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var won atomic.Int32
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			_, err := s.Add(t.Context(), anna, "sub/a.txt", strings.NewReader(fmt.Sprint("worker ", worker)), 100)
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, files.ErrTaken) {
				t.Errorf("add: %v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of 8 added the file", won.Load())
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "files", anna, "link")); err == nil {
		if _, err := s.Add(t.Context(), anna, "link", strings.NewReader("x"), 100); !errors.Is(err, files.ErrTaken) {
			t.Errorf("add in place of a link: %v", err)
		}
		if err := os.Remove(filepath.Join(dir, "files", anna, "link")); err != nil {
			t.Fatal(err)
		}
	}
	wantTree(t, dir, "files", "files/"+anna, "files/"+anna+"/sub", "files/"+anna+"/sub/a.txt")
}

// Many write, read and delete the same few files. Whoever reads sees one whole
// version, nobody sees another error than "not found", and no crumb is left.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var wg sync.WaitGroup
	for worker := range 8 {
		version := strings.Repeat(string(rune('a'+worker)), 3000)
		wg.Go(func() {
			for i := range 25 {
				path := fmt.Sprintf("shared/%d/f.txt", i%2)
				if _, err := s.Put(t.Context(), anna, path, strings.NewReader(version), 3000); err != nil {
					t.Errorf("put: %v", err)
				}
				if file, err := s.Open(t.Context(), anna, path); err == nil {
					text, err := io.ReadAll(file)
					file.Close()
					if err != nil || len(text) != 3000 || strings.Trim(string(text), string(text[0])) != "" {
						t.Errorf("read %d mixed bytes, %v", len(text), err)
					}
				} else if !errors.Is(err, files.ErrNotFound) {
					t.Errorf("open: %v", err)
				}
				listed(t, s, anna)
				if err := s.Delete(t.Context(), anna, path); err != nil && !errors.Is(err, files.ErrNotFound) {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	wg.Wait()
	wantTree(t, filepath.Join(dir, "files", anna))
}

// The folder that one worker is about to write into is the one another has just
// left empty.
func TestFoldersComeAndGo(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 300 {
				if _, err := s.Put(t.Context(), anna, "one/two/three/f.txt", strings.NewReader("too long"), 3); !errors.Is(err, files.ErrTooLarge) {
					t.Errorf("put: %v", err)
				}
			}
		})
	}
	wg.Wait()
	wantTree(t, filepath.Join(dir, "files", anna))
}
