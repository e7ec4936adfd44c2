package files_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

const (
	anna = "11111111-2222-4333-8444-555555555555"
	ben  = "66666666-7777-4888-8999-aaaaaaaaaaaa"
)

// open returns a store in an empty data folder, and that folder.
func open(tb testing.TB) (*files.Store, string) {
	tb.Helper()
	dir := tb.TempDir()
	s, err := files.New(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return s, dir
}

func put(tb testing.TB, s *files.Store, user, path, text string) tmates.File {
	tb.Helper()
	file, err := s.Put(tb.Context(), user, path, strings.NewReader(text), 1<<20)
	if err != nil {
		tb.Fatalf("put %q: %v", path, err)
	}
	return file
}

func read(tb testing.TB, s *files.Store, user, path string) string {
	tb.Helper()
	file, err := s.Open(tb.Context(), user, path)
	if err != nil {
		tb.Fatalf("open %q: %v", path, err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		tb.Fatalf("read %q: %v", path, err)
	}
	return string(text)
}

// tree returns every path below dir, links and folders included.
func tree(tb testing.TB, dir string) []string {
	tb.Helper()
	all := []string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func wantTree(tb testing.TB, dir string, want ...string) {
	tb.Helper()
	if diff := cmp.Diff(append([]string{}, want...), tree(tb, dir)); diff != "" {
		tb.Errorf("on the disk (-want +got):\n%s", diff)
	}
}

// listed returns everything a walk shows, by path.
func listed(tb testing.TB, s *files.Store, user string) (all []tmates.File) {
	tb.Helper()
	err := s.Walk(tb.Context(), user, func(f tmates.File) error {
		all = append(all, f)
		return nil
	})
	if err != nil {
		tb.Errorf("walk: %v", err)
	}
	slices.SortFunc(all, func(a, b tmates.File) int { return strings.Compare(a.Path, b.Path) })
	return all
}

func paths(list []tmates.File) []string {
	all := []string{}
	for _, file := range list {
		all = append(all, file.Path)
	}
	return all
}

func TestNew(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	if all := listed(t, s, anna); len(all) != 0 {
		t.Errorf("a new store holds %v", all)
	}
	if ids, err := s.Users(t.Context()); len(ids) != 0 || err != nil {
		t.Errorf("users of a new store = %v, %v", ids, err)
	}
	if _, err := s.Open(t.Context(), anna, "a"); !errors.Is(err, files.ErrNotFound) {
		t.Errorf("open in a new store: %v", err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Errorf("sweep a new store: %v", err)
	}
	wantTree(t, dir) // reading creates nothing

	put(t, s, anna, "sub/a.txt", "x")
	wantTree(t, dir, "files", "files/"+anna, "files/"+anna+"/sub", "files/"+anna+"/sub/a.txt")
	for path, want := range map[string]fs.FileMode{"files": 0o700, "files/" + anna: 0o700, "files/" + anna + "/sub/a.txt": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want && runtime.GOOS != "windows" {
			t.Errorf("mode of %s = %v, want %v", path, info.Mode().Perm(), want)
		}
	}

	taken := t.TempDir()
	if err := os.WriteFile(filepath.Join(taken, "files"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := files.New(taken); err == nil {
		t.Error("a file called files was taken for the folder")
	}
}

func TestPutReadDelete(t *testing.T) {
	t.Parallel()
	// None of these names means anything special to the store.
	for _, name := range []string{
		"a.txt", "sub dir/r.csv", "日本/Grüße ☕.png", "a%20b%2Fc", "%2e%2e/x", ".hidden", "..a/b..", "-rf",
		"a:b?*|", "line\nbreak", "deep/er/and/deeper/f",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.ContainsAny(name, ":?*|\n") {
				t.Skip("not a file name on Windows")
			}
			s, dir := open(t)
			before := time.Now().Add(-time.Minute)
			file := put(t, s, anna, name, "hello")
			if file.Path != name || file.Size != 5 || file.Modified.Before(before) || file.Modified.Location() != time.UTC {
				t.Errorf("put = %+v", file)
			}
			if got := read(t, s, anna, name); got != "hello" {
				t.Errorf("read %q", got)
			}
			if diff := cmp.Diff([]tmates.File{file}, listed(t, s, anna)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if err := s.Delete(t.Context(), anna, name); err != nil {
				t.Fatal(err)
			}
			wantTree(t, dir, "files", "files/"+anna) // empty folders are gone, the user's stays
			if err := s.Delete(t.Context(), anna, name); !errors.Is(err, files.ErrNotFound) {
				t.Errorf("second delete: %v", err)
			}
		})
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	if file := put(t, s, anna, "./sub//x/./a.txt", "1"); file.Path != "sub/x/a.txt" {
		t.Errorf("stored as %q", file.Path)
	}
	if got := read(t, s, anna, "sub/x//a.txt/"); got != "1" {
		t.Errorf("read %q", got)
	}
}

func TestRefusedPaths(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	put(t, s, anna, "sub/a.txt", "anna's")
	put(t, s, ben, "b.txt", "ben's")
	if err := os.WriteFile(filepath.Join(dir, "secrets.yaml"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	tests := []struct {
		path     string
		read     error // of Open and Delete
		put      error
		harmless bool // Put may succeed
	}{
		{path: "/etc/passwd", read: files.ErrDenied, put: files.ErrDenied},
		{path: "..", read: files.ErrDenied, put: files.ErrDenied},
		{path: "../" + ben + "/b.txt", read: files.ErrDenied, put: files.ErrDenied},
		{path: "../../secrets.yaml", read: files.ErrDenied, put: files.ErrDenied},
		{path: "sub/../a.txt", read: files.ErrDenied, put: files.ErrDenied},
		{path: "sub/..", read: files.ErrDenied, put: files.ErrDenied},
		{path: `..\..\secrets.yaml`, read: files.ErrDenied, put: files.ErrDenied},
		{path: `sub\a.txt`, read: files.ErrDenied, put: files.ErrDenied},
		{path: "a\x00.txt", read: files.ErrDenied, put: files.ErrDenied},
		{path: "\xff.txt", read: files.ErrDenied, put: files.ErrDenied},
		{path: ".tmates-x.part", read: files.ErrDenied, put: files.ErrDenied},
		{path: strings.Repeat("a/", 600), read: files.ErrDenied, put: files.ErrDenied},
		{path: strings.Repeat("a", 300), read: files.ErrNotFound, put: files.ErrDenied},
		{path: "new/deep/" + strings.Repeat("a", 300), read: files.ErrNotFound, put: files.ErrDenied},
		{path: "new/" + strings.Repeat("a", 300) + "/x", read: files.ErrNotFound, put: files.ErrDenied},
		{path: "", read: files.ErrNotFound, put: files.ErrDenied},
		{path: ".", read: files.ErrNotFound, put: files.ErrDenied},
		{path: "sub", read: files.ErrNotFound, put: files.ErrTaken},
		{path: "sub/", read: files.ErrNotFound, put: files.ErrTaken},
		{path: "sub/a.txt/x", read: files.ErrNotFound, put: files.ErrTaken},
		{path: "sub/a.txt/x/y", read: files.ErrNotFound, put: files.ErrTaken},
		{path: "missing.txt", read: files.ErrNotFound, harmless: true},
		{path: "b.txt", read: files.ErrNotFound, harmless: true}, // ben's is not anna's
	}
	for _, test := range tests {
		if _, err := s.Open(t.Context(), anna, test.path); !errors.Is(err, test.read) {
			t.Errorf("open %q: %v, want %v", test.path, err, test.read)
		}
		if err := s.Delete(t.Context(), anna, test.path); !errors.Is(err, test.read) {
			t.Errorf("delete %q: %v, want %v", test.path, err, test.read)
		}
		if test.harmless {
			continue
		}
		if _, err := s.Put(t.Context(), anna, test.path, strings.NewReader("x"), 10); !errors.Is(err, test.put) {
			t.Errorf("put %q: %v, want %v", test.path, err, test.put)
		}
	}
	wantTree(t, dir, before...)
}

// A user id that is none answers like a user without files.
func TestUserIDs(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	put(t, s, anna, "a.txt", "x")
	before := tree(t, dir)
	for _, id := range []string{
		ben, "", ".", "..", "../files", anna + "/..", "../files/" + anna, "{" + anna + "}", "urn:uuid:" + anna,
		strings.ReplaceAll(anna, "-", ""), "AAAAAAAA-2222-4333-8444-555555555555", "/",
	} {
		if all := listed(t, s, id); len(all) != 0 {
			t.Errorf("files of %q = %v", id, all)
		}
		if err := s.DeleteUser(t.Context(), id); err != nil {
			t.Errorf("delete user %q: %v", id, err)
		}
		if _, err := s.Open(t.Context(), id, "a.txt"); !errors.Is(err, files.ErrNotFound) {
			t.Errorf("open of %q: %v", id, err)
		}
		if err := s.Delete(t.Context(), id, "a.txt"); !errors.Is(err, files.ErrNotFound) {
			t.Errorf("delete of %q: %v", id, err)
		}
		if id == ben {
			continue
		}
		if _, err := s.Put(t.Context(), id, "a.txt", strings.NewReader("x"), 10); err == nil {
			t.Errorf("put of %q worked", id)
		}
	}
	wantTree(t, dir, before...)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	put(t, s, anna, "sub/a.txt", "anna's")
	put(t, s, ben, "b.txt", "ben's")
	outside := filepath.Join(dir, "outside")
	if err := os.Mkdir(outside, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"file": "../../outside/secret", "absolute": filepath.Join(outside, "secret"), "folder": outside, "other": "../" + ben,
		"inside": "sub", "dangling": "nowhere", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(dir, "files", anna, name)); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	before := tree(t, dir)
	for path, want := range map[string]error{
		"file": files.ErrDenied, "absolute": files.ErrDenied, "folder": files.ErrDenied, "folder/secret": files.ErrDenied, "other/b.txt": files.ErrDenied,
		"inside": files.ErrNotFound, "dangling": files.ErrNotFound, "loop": files.ErrNotFound,
	} {
		if _, err := s.Open(t.Context(), anna, path); !errors.Is(err, want) {
			t.Errorf("open %q: %v, want %v", path, err, want)
		}
		if err := s.Delete(t.Context(), anna, path); !errors.Is(err, want) {
			t.Errorf("delete %q: %v, want %v", path, err, want)
		}
	}
	for _, path := range []string{"file", "absolute", "folder/new", "other/new", "loop/new"} {
		if _, err := s.Put(t.Context(), anna, path, strings.NewReader("x"), 10); !errors.Is(err, files.ErrDenied) {
			t.Errorf("put %q: %v, want %v", path, err, files.ErrDenied)
		}
	}
	wantTree(t, dir, before...)
	if diff := cmp.Diff([]string{"sub/a.txt"}, paths(listed(t, s, anna))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	// The folder of a user is not followed out, either.
	const eve = "99999999-7777-4888-8999-aaaaaaaaaaaa"
	if err := os.Symlink(outside, filepath.Join(dir, "files", eve)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), eve, "secret"); !errors.Is(err, files.ErrDenied) {
		t.Errorf("open through a linked user folder: %v", err)
	}
	if err := s.Walk(t.Context(), eve, func(tmates.File) error { return nil }); err == nil {
		t.Error("a linked user folder is walked")
	}
	ids, err := s.Users(t.Context())
	slices.Sort(ids)
	if diff := cmp.Diff([]string{anna, ben}, ids); diff != "" || err != nil {
		t.Errorf("users: %v (-want +got):\n%s", err, diff)
	}

	// Deleting a user takes the links and leaves what they point to.
	if err := errors.Join(s.DeleteUser(t.Context(), anna), s.DeleteUser(t.Context(), eve), s.DeleteUser(t.Context(), anna)); err != nil {
		t.Errorf("delete users: %v", err)
	}
	wantTree(t, dir, "files", "files/"+ben, "files/"+ben+"/b.txt", "outside", "outside/secret")
}

func TestWalk(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	at := time.Date(2026, 11, 22, 12, 56, 52, 123456000, time.UTC)
	put(t, s, anna, "sub/c.txt", "three")
	put(t, s, anna, "a.txt", "one")
	for _, name := range []string{"a.txt", "sub/c.txt"} {
		if err := os.Chtimes(filepath.Join(dir, "files", anna, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	// What a running upload and other things than files look like.
	if err := os.WriteFile(filepath.Join(dir, "files", anna, ".tmates-x.part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{anna + "/empty", "no-user"} {
		if err := os.Mkdir(filepath.Join(dir, "files", folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	want := []tmates.File{{Path: "a.txt", Size: 3, Modified: at}, {Path: "sub/c.txt", Size: 5, Modified: at}}
	if diff := cmp.Diff(want, listed(t, s, anna)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if ids, err := s.Users(t.Context()); !slices.Equal(ids, []string{anna}) || err != nil {
		t.Errorf("users = %v, %v", ids, err)
	}
	enough := errors.New("enough")
	if err := s.Walk(t.Context(), anna, func(tmates.File) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("walk that is ended: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Walk(ended, anna, func(tmates.File) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("walk after the end: %v", err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	put(t, s, anna, "sub/a.txt", "x")
	put(t, s, ben, "b.part", "x")
	for _, left := range []string{anna + "/.tmates-1.part", anna + "/sub/.tmates-2.part", ben + "/.tmates-3.part"} {
		if err := os.WriteFile(filepath.Join(dir, "files", left), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// What is being written now stays.
	sweep := readerFunc(func([]byte) (int, error) {
		if err := s.Sweep(t.Context()); err != nil {
			return 0, err
		}
		return 0, io.EOF
	})
	if _, err := s.Put(t.Context(), ben, "now.txt", sweep, 10); err != nil {
		t.Fatal(err)
	}
	wantTree(t, filepath.Join(dir, "files"), anna, anna+"/sub", anna+"/sub/a.txt", ben, ben+"/b.part", ben+"/now.txt")
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"a.txt", "../../secrets.yaml", "/etc/passwd", `..\x`, "sub/../../x", "a\x00b", "日本/ü", "./a//b/", ".", "", "a%2e%2e/b",
		".tmates-x.part", strings.Repeat("a", 300), strings.Repeat("x/", 40) + "y", "\xff",
	} {
		f.Add(seed)
	}
	s, dir := open(f)
	secret := filepath.Join(dir, "secrets.yaml")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		f.Fatal(err)
	}
	put(f, s, anna, "keep", "kept")
	want := []string{"files", "files/" + anna, "files/" + anna + "/keep", "secrets.yaml"}
	f.Fuzz(func(t *testing.T, name string) {
		if path.Clean(name) == "keep" {
			t.Skip("the one file that is there")
		}
		file, err := s.Put(t.Context(), anna, name, strings.NewReader("x"), 10)
		if err == nil {
			if got := read(t, s, anna, name) + read(t, s, anna, file.Path); got != "xx" {
				t.Errorf("%q reads %q", name, got)
			}
			if err := s.Delete(t.Context(), anna, name); err != nil {
				t.Errorf("delete %q: %v", name, err)
			}
		} else if refused, ok := errors.AsType[*tmates.Error](err); !ok || refused.Kind == tmates.Internal {
			t.Errorf("put %q: %v", name, err)
		}
		if _, err := s.Open(t.Context(), anna, name); !errors.Is(err, files.ErrDenied) && !errors.Is(err, files.ErrNotFound) {
			t.Errorf("open %q: %v", name, err)
		}
		wantTree(t, dir, want...)
	})
}
