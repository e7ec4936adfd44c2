package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	const ann, ben = "3f2c1a90-0000-4000-8000-000000000001", "3f2c1a90-0000-4000-8000-000000000002"
	dir := t.TempDir()
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteUser(t.Context(), ann); err != nil {
		t.Errorf("before anybody has a file: %v", err)
	}
	if ids, err := s.Users(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("%v, %v", ids, err)
	}
	for _, id := range []string{ann, ben} {
		if _, err := s.Put(t.Context(), id, "a/b/c.txt", strings.NewReader("x"), 10); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "kept.txt")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "files", ann, "link")); err != nil {
		t.Skip("no links here:", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "files", "other"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "other", ann + "/a", "../files/" + ann, strings.ToUpper(ann)} {
		if err := s.DeleteUser(t.Context(), id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	ids, err := s.Users(t.Context())
	slices.Sort(ids)
	if err != nil || !slices.Equal(ids, []string{ann, ben}) {
		t.Errorf("%v, %v", ids, err)
	}
	for range 2 {
		if err := s.DeleteUser(t.Context(), ann); err != nil {
			t.Error(err)
		}
	}
	if ids, err := s.Users(t.Context()); err != nil || !slices.Equal(ids, []string{ben}) {
		t.Errorf("%v, %v", ids, err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
	f, err := s.Open(t.Context(), ben, "a/b/c.txt")
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
}
