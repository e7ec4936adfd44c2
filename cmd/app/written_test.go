package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
)

// writer is a tmate at work for a new person.
func writer(t *testing.T, r *rooms, email string) agents.Scope {
	t.Helper()
	u, err := r.identity.AddUser(t.Context(), identity.NewUser{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	return agents.Scope{UserID: u.ID, TmateKey: "adam", JobID: "job-1"}
}

func listed(t *testing.T, r *rooms, userID string) (paths []string) {
	t.Helper()
	list, total, _, err := r.team.Files(t.Context(), userID, 100)
	if err != nil || total != len(list) {
		t.Fatal(total, err)
	}
	for _, f := range list {
		paths = append(paths, f.Path)
	}
	return paths
}

// An attempt of a job that is repeated writes nothing twice, also when the
// process died between the file and its row.
func TestWriteFileTwice(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	s := writer(t, r, "ada@example.com")
	write := func(job, name, content string) string {
		t.Helper()
		s.JobID = job
		f, err := r.team.WriteFile(t.Context(), s, name, content)
		if err != nil || f.JobID != job || f.Size != int64(len(content)) {
			t.Fatalf("%+v, %v", f, err)
		}
		return f.Path
	}
	for _, c := range []struct{ job, content, want string }{
		{"1", "one", "a.txt"}, {"1", "two", "a-2.txt"}, {"1", "one", "a.txt"}, {"1", "two", "a-2.txt"}, {"2", "one", "a.txt"}, {"2", "three", "a-3.txt"},
	} {
		if got := write(c.job, "a.txt", c.content); got != c.want {
			t.Errorf("job %s, %s: %s, want %s", c.job, c.content, got, c.want)
		}
	}
	if n := len(listed(t, r, s.UserID)); n != 3 {
		t.Errorf("%d files", n)
	}
	err := r.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.RemoveFile(ctx, s.UserID, "a.txt") })
	if err != nil {
		t.Fatal(err)
	}
	if got := write("1", "a.txt", "one"); got != "a.txt" || len(listed(t, r, s.UserID)) != 3 {
		t.Errorf("after a crash: %s, %v", got, listed(t, r, s.UserID))
	}
	// Somebody's own file is never touched.
	path := filepath.Join(r.cfg.Data, "files", s.UserID, "mine.txt")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := write("3", "mine.txt", "yours"); got != "mine-2.txt" {
		t.Errorf("beside a file without a row: %s", got)
	}
	if content, err := os.ReadFile(path); string(content) != "mine" {
		t.Errorf("mine.txt = %q, %v", content, err)
	}
}

// An account that ends takes its files along, and nobody else's.
func TestDeleteFilesOfAUser(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	ada, bob := writer(t, r, "ada@example.com"), writer(t, r, "bob@example.com")
	for _, s := range []agents.Scope{ada, bob} {
		if _, err := r.team.WriteFile(t.Context(), s, "a.txt", "words"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // again does nothing
		if err := r.team.DeleteFiles(t.Context(), ada.UserID); err != nil {
			t.Fatal(err)
		}
	}
	if left := listed(t, r, ada.UserID); len(left) != 0 {
		t.Errorf("Ada has %v", left)
	}
	if _, err := os.Stat(filepath.Join(r.cfg.Data, "files", ada.UserID)); !os.IsNotExist(err) {
		t.Errorf("Ada's folder: %v", err)
	}
	if diff := cmp.Diff([]string{"a.txt"}, listed(t, r, bob.UserID)); diff != "" {
		t.Errorf("Bob's files:\n%s", diff)
	}
}

// A file is gone when its account is gone before it is noted, and one that can
// not be read to its end is not kept.
func TestNothingIsLeftOfAFailedUpload(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	s := writer(t, r, "ada@example.com")
	broken := errors.New("line went dead")
	_, err := r.team.Upload(t.Context(), s.UserID, "a.txt", io.MultiReader(strings.NewReader(strings.Repeat("x", 5000)), failing{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("upload: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = r.team.Upload(ctx, s.UserID, "a.txt", io.MultiReader(strings.NewReader("words"), ending{cancel})) // the client leaves at the very end
	if err == nil {
		t.Error("an upload nobody waits for is kept")
	}
	none := s.UserID[:35] + "x"
	if _, err = r.team.Upload(t.Context(), none, "a.txt", strings.NewReader("words")); err == nil {
		t.Error("an upload of nobody is kept")
	}
	entries, err := os.ReadDir(filepath.Join(r.cfg.Data, "files", s.UserID))
	if err != nil || len(entries) != 0 {
		t.Errorf("on the disk: %v, %v", entries, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type ending struct{ end func() }

func (e ending) Read([]byte) (int, error) { e.end(); return 0, io.EOF }

// Whoever asks for their files before the index was looked through gets them all,
// and the quota counts them.
func TestFilesLaidByHandAreThereAtOnce(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	s := writer(t, r, "ada@example.com")
	folder := filepath.Join(r.cfg.Data, "files", s.UserID)
	err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "laid.txt"), []byte("words"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.team.WriteFile(t.Context(), s, "a.txt", "words"); err != nil {
		t.Fatal(err)
	}
	list, total, size, err := r.team.Files(t.Context(), s.UserID, 10)
	if err != nil || total != 2 || size != 10 {
		t.Errorf("%v, %d files of %d bytes, %v", list, total, size, err)
	}
	if said, _, err := r.team.ReadFile(t.Context(), s, "laid.txt"); err != nil || said != "words" {
		t.Errorf("%q, %v", said, err)
	}
}

// A folder that cannot be looked through keeps its part of the index, and the
// server starts.
func TestIndexSurvivesABadFolder(t *testing.T) {
	t.Parallel()
	r := openRooms(t, nil)
	s := writer(t, r, "ada@example.com")
	if _, err := r.team.WriteFile(t.Context(), s, "a.txt", "words"); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(r.cfg.Data, "files", s.UserID)
	if err := os.Rename(folder, folder+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), folder); err != nil {
		t.Skip(err)
	}
	if err := r.team.IndexFiles(t.Context()); err != nil {
		t.Errorf("index: %v", err)
	}
	if diff := cmp.Diff([]string{"a.txt"}, listed(t, r, s.UserID)); diff != "" {
		t.Errorf("files:\n%s", diff)
	}
	if _, _, err := r.team.OpenFile(t.Context(), s.UserID, "a.txt"); !errors.Is(err, files.ErrDenied) {
		t.Errorf("through the link: %v", err)
	}
	if err := errors.Join(os.Remove(folder), r.team.IndexFiles(t.Context())); err != nil {
		t.Error(err)
	}
	if left := listed(t, r, s.UserID); len(left) != 0 {
		t.Errorf("without the folder: %v", left)
	}
	if err := errors.Join(os.Rename(folder+"-away", folder), r.team.IndexFiles(t.Context())); err != nil {
		t.Error(err)
	}
	f, err := r.team.FindFile(t.Context(), s.UserID, "a.txt")
	if err != nil || f.MediaType != "text/plain" || len(listed(t, r, s.UserID)) != 1 {
		t.Errorf("with it again: %+v, %v", f, err)
	}
}
