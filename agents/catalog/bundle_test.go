package catalog

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

// member is one entry of an archive made for a test.
type member struct {
	name string
	body string
	kind byte // default: a regular file
	link string
	pax  map[string]string
}

// pack makes a tar.gz of anything.
func pack(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(zipped)
	for _, m := range members {
		h := &tar.Header{Typeflag: m.kind, Name: m.name, Size: int64(len(m.body)), Mode: 0o644, Linkname: m.link, PAXRecords: m.pax}
		switch h.Typeflag {
		case 0:
			h.Typeflag = tar.TypeReg
		case tar.TypeXGlobalHeader:
			h = &tar.Header{Typeflag: m.kind, PAXRecords: m.pax}
		}
		if err := archive.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const goodManifest = "name: Gardener\nversion: 1.0.0\ndescription: Knows when to water what.\nicon: \"🌱\"\n"

const goodRules = "otherwise: {say: Water it.}\n"

// gardener is a good bundle.
func gardener(t testing.TB) []byte {
	return pack(t, member{name: "gardener/manifest.yaml", body: goodManifest}, member{name: "gardener/rules.yaml", body: goodRules})
}

func manifest(more ...member) []member {
	return append([]member{{name: "gardener/manifest.yaml", body: goodManifest}}, more...)
}

// tree lists what is in a folder, files with their content.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			out[rel+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(name)
		out[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// install reads and installs.
func install(dir string, data []byte) error {
	b, err := Read(data)
	if err != nil {
		return err
	}
	_, err = b.Install(dir, false)
	return err
}

// zeros are bytes that compress a thousand times.
func zeros(n int) string { return strings.Repeat("\x00", n) }

// noise cannot be compressed.
func noise(t testing.TB, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// attacks are archives that must change nothing, and what they are told.
func attacks(t testing.TB) map[string]struct {
	data []byte
	want string
} {
	type attack = struct {
		data []byte
		want string
	}
	good := gardener(t)
	many := manifest()
	for i := range maxMembers {
		many = append(many, member{name: fmt.Sprintf("gardener/assets/%d", i)})
	}
	return map[string]attack{
		"dot dot":              {pack(t, manifest(member{name: "gardener/../evil.txt"})...), "leads out"},
		"dot dot at the start": {pack(t, manifest(member{name: "../evil.txt"})...), "leads out"},
		"dot dot behind dot":   {pack(t, manifest(member{name: "./../evil.txt"})...), "leads out"},
		"absolute":             {pack(t, manifest(member{name: "/tmp/evil.txt"})...), "leads out"},
		"empty part":           {pack(t, manifest(member{name: "gardener//evil.txt"})...), "leads out"},
		"backslash":            {pack(t, manifest(member{name: `gardener\..\evil.txt`})...), "no name may have"},
		"drive":                {pack(t, manifest(member{name: `C:/evil.txt`})...), "no name may have"},
		"stream of a file":     {pack(t, manifest(member{name: `gardener/assets/a:b`})...), "no name may have"},
		"escape sequence":      {pack(t, manifest(member{name: "gardener/assets/\x1b[2Jx"})...), "no name may have"},
		"not UTF-8":            {pack(t, manifest(member{name: "gardener/assets/\xff"})...), "no name may have"},
		"symbolic link":        {pack(t, manifest(member{name: "gardener/assets/x", kind: tar.TypeSymlink, link: "/etc/passwd"})...), "neither a file nor a folder"},
		"hard link":            {pack(t, manifest(member{name: "gardener/assets/x", kind: tar.TypeLink, link: "gardener/manifest.yaml"})...), "neither a file nor a folder"},
		"folder as a link":     {pack(t, member{name: "gardener", kind: tar.TypeSymlink, link: "/tmp"}, member{name: "gardener/manifest.yaml", body: goodManifest}), "neither a file nor a folder"},
		"device":               {pack(t, manifest(member{name: "gardener/assets/x", kind: tar.TypeChar})...), "neither a file nor a folder"},
		"block device":         {pack(t, manifest(member{name: "gardener/assets/x", kind: tar.TypeBlock})...), "neither a file nor a folder"},
		"pipe":                 {pack(t, manifest(member{name: "gardener/assets/x", kind: tar.TypeFifo})...), "neither a file nor a folder"},
		"same name twice":      {pack(t, manifest(member{name: "gardener/manifest.yaml", body: "name: Other\n"})...), "are the same name"},
		"same name in capitals": {pack(t, manifest(member{name: "gardener/assets/a"}, member{name: "gardener/assets/A"})...),
			"are the same name"},
		"same folder in capitals":           {pack(t, manifest(member{name: "gardener/assets/a/x"}, member{name: "gardener/assets/A/y"})...), "are the same name"},
		"same file in a folder in capitals": {pack(t, manifest(member{name: "gardener/prompts/a"}, member{name: "gardener/Prompts/a"})...), "are the same name"},
		"file and folder":                   {pack(t, manifest(member{name: "gardener/assets/a"}, member{name: "gardener/assets/a/b"})...), "is a file and a folder"},
		"file and empty folder":             {pack(t, manifest(member{name: "gardener/assets/a"}, member{name: "gardener/assets/a/b/", kind: tar.TypeDir})...), "is a file and a folder"},
		"two folders":                       {pack(t, manifest(member{name: "other/manifest.yaml", body: goodManifest})...), "more than one folder"},
		"file at the top":                   {pack(t, member{name: "manifest", body: goodManifest}), "a file at its top"},
		"folder is no key":                  {pack(t, member{name: "Gardener/manifest.yaml", body: goodManifest}), "not named by a key"},
		"name with a dot":                   {pack(t, manifest(member{name: "gardener/assets/.hidden"})...), "use letters"},
		"name ends in a dot":                {pack(t, manifest(member{name: "gardener/assets/x."})...), "use letters"},
		"long name":                         {pack(t, manifest(member{name: "gardener/assets/" + strings.Repeat("x", maxPath)})...), "longer than"},
		"deep":                              {pack(t, manifest(member{name: "gardener/assets/" + strings.Repeat("a/", maxDeep) + "x"})...), "folders deep"},
		"too many files":                    {pack(t, many...), "more than 1000 files"},
		"large file":                        {pack(t, manifest(member{name: "gardener/assets/x", body: noise(t, maxFile+1)})...), "is larger than 4 MiB"},
		"large file nobody wants":           {pack(t, manifest(member{name: "gardener/brain.py", body: noise(t, maxFile+1)})...), "is larger than 4 MiB"},
		"bomb":                              {pack(t, manifest(member{name: "gardener/assets/x", body: zeros(maxFile)})...), "times its size"},
		"bomb of skipped files":             {pack(t, manifest(member{name: "gardener/a.py", body: zeros(maxFile)}, member{name: "gardener/b.py", body: zeros(maxFile)})...), "times its size"},
		"sum is too large": {pack(t, manifest(
			member{name: "gardener/assets/1", body: noise(t, 1<<20) + zeros(3<<20)}, member{name: "gardener/assets/2", body: zeros(maxFile)},
			member{name: "gardener/assets/3", body: zeros(maxFile)}, member{name: "gardener/assets/4", body: zeros(maxFile)})...), "unpacks to more than 16 MiB"},
		"too large as it comes": {[]byte(noise(t, maxBundle+1)), "larger than 8 MiB"},
		"cut":                   {good[:len(good)-20], "damaged"},
		"turned bit":            {append(bytes.Clone(good[:len(good)-6]), good[len(good)-6]^1, good[len(good)-5], good[len(good)-4], good[len(good)-3], good[len(good)-2], good[len(good)-1]), "damaged"},
		"no gzip":               {[]byte("PK\x03\x04 something else"), "not a gzip file"},
		"nothing":               {nil, "not a gzip file"},
		"gzip of nothing":       {pack(t), "it is empty"},
		"no manifest":           {pack(t, member{name: "gardener/rules.yaml", body: goodRules}), "gardener/manifest.yaml: there is no manifest.yaml"},
		"broken manifest":       {pack(t, member{name: "gardener/manifest.yaml", body: "name: x\nrole: [\n"}), "gardener/manifest.yaml:"},
		"broken rules":          {pack(t, manifest(member{name: "gardener/rules.yaml", body: "otherwise: {sai: x}\n"})...), "gardener/rules.yaml:1"},
	}
}

// A bundle that is not safe, not whole or not loadable changes nothing (Q-B10).
func TestAttacksChangeNothing(t *testing.T) {
	t.Parallel()
	for name, a := range attacks(t) {
		t.Run("Q-B10 "+name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			inside := filepath.Join(dir, "data", "tmates")
			err := install(inside, a.data)
			e, ok := errors.AsType[*tmates.Error](err)
			if !ok || e.Kind != tmates.Invalid || !strings.Contains(e.Msg, a.want) {
				t.Errorf("error %v, want one with %q", err, a.want)
			}
			if strings.ContainsFunc(fmt.Sprint(err), func(r rune) bool { return r < ' ' }) {
				t.Errorf("the error shows what a terminal obeys: %q", err)
			}
			left := tree(t, dir)
			delete(left, "data/")
			delete(left, "data/tmates/")
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// The sparse formats hold a long file in few bytes.
func TestSparseFilesAreRefused(t *testing.T) {
	t.Parallel()
	// The writer makes no sparse files: turn a header into one by hand.
	var plain bytes.Buffer
	archive := tar.NewWriter(&plain)
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "gardener/assets/x", Mode: 0o644, Format: tar.FormatGNU}); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	raw := plain.Bytes()
	raw[156] = tar.TypeGNUSparse
	copy(raw[148:156], "        ")
	sum := 0
	for _, b := range raw[:512] {
		sum += int(b)
	}
	copy(raw[148:156], fmt.Sprintf("%06o\x00 ", sum))
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	_, err := zipped.Write(raw)
	if err := errors.Join(err, zipped.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(out.Bytes()); err == nil || !strings.Contains(err.Error(), "neither a file nor a folder") {
		t.Errorf("error %v", err)
	}
}

func TestReadTakesWhatPeopleMake(t *testing.T) {
	t.Parallel()
	b, err := Read(pack(t,
		member{kind: tar.TypeXGlobalHeader, pax: map[string]string{"comment": "git"}},
		member{name: "./", kind: tar.TypeDir}, member{name: "./gardener/", kind: tar.TypeDir},
		member{name: "./gardener/manifest.yaml", body: goodManifest},
		member{name: "./gardener/prompts/", kind: tar.TypeDir}, member{name: "./gardener/prompts/brain/system.txt", body: "You garden."},
		member{name: "./gardener/assets/a picture.png", body: "png"},
		member{name: "./gardener/brain.py", body: "raise"}, member{name: "./gardener/__init__.py"}, member{name: "./gardener/._x"},
	))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"._x", "__init__.py", "brain.py"}, b.Skipped); diff != "" {
		t.Errorf("skipped %s", diff)
	}
	dir := t.TempDir()
	tm, err := b.Install(dir, false)
	if err != nil || tm.Name != "Gardener" || tm.Prompt != "<system>\nYou garden.\n</system>" {
		t.Fatalf("%+v, %v", tm, err)
	}
	want := map[string]string{
		"gardener/": "", "gardener/manifest.yaml": goodManifest, "gardener/prompts/": "", "gardener/prompts/brain/": "",
		"gardener/prompts/brain/system.txt": "You garden.", "gardener/assets/": "", "gardener/assets/a picture.png": "png",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("installed (-want +got):\n%s", diff)
	}
}

func TestInstallReplacesOnlyWhenForced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old, err := Read(gardener(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Install(dir, false); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	b, err := Read(pack(t, member{name: "gardener/manifest.yaml", body: "name: Second\n"}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Install(dir, false)
	if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Conflict {
		t.Errorf("without force: %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("a refused install changed something:\n%s", diff)
	}
	broken, err := Read(pack(t, member{name: "gardener/manifest.yaml", body: "name: [\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Install(dir, true); err == nil {
		t.Error("a broken tmate was installed")
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("a failed install changed something:\n%s", diff)
	}
	if _, err := b.Install(dir, true); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"gardener/": "", "gardener/manifest.yaml": "name: Second\n"}, tree(t, dir)); diff != "" {
		t.Errorf("forced (-want +got):\n%s", diff)
	}
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	data := gardener(t)
	sum := Checksum(data)
	for _, good := range []string{sum, strings.ToUpper(sum), " " + sum + "\n"} {
		if err := CheckSum(data, good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "abc", sum[:63], sum + "0", Checksum([]byte("else"))} {
		if err := CheckSum(data, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// FuzzRead: nothing a stranger sends makes a bundle that leads elsewhere, and
// what is read can be packed again.
func FuzzRead(f *testing.F) {
	for _, a := range attacks(f) {
		if len(a.data) < 4<<10 {
			f.Add(a.data)
		}
	}
	f.Add(gardener(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(data)
		if err != nil {
			if e, ok := errors.AsType[*tmates.Error](err); !ok || e.Kind != tmates.Invalid {
				t.Errorf("error %v", err)
			}
			return
		}
		if !tmates.ValidKey(b.Key) {
			t.Errorf("key %q", b.Key)
		}
		for _, file := range b.files {
			if !fs.ValidPath(file.name) || !filepath.IsLocal(file.name) || !isData(file.name) || len(file.data) > maxFile {
				t.Errorf("file %q of %d bytes", file.name, len(file.data))
			}
		}
		again, err := b.archive()
		if err != nil {
			t.Fatal(err)
		}
		if c, err := Read(again); len(b.files) > 0 && (err != nil || len(c.files) != len(b.files)) {
			t.Errorf("read again: %v", err)
		}
	})
}
