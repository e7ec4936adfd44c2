package catalog

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of a bundle. A bundle beyond them is refused as a whole.
const (
	maxBundle   = 8 << 20  // bytes as it travels
	maxUnpacked = 16 << 20 // bytes of the archive once decompressed, its own headers included
	maxFile     = 4 << 20  // bytes of one file
	maxMembers  = 1000     // files and folders
	maxPath     = 200      // bytes of one path
	maxDeep     = 10       // folders inside one another
	maxRatio    = 200      // decompressed to compressed bytes, once past ratioFrom
	ratioFrom   = 1 << 20  // bytes
)

// file is one file of a bundle; name is relative to the tmate's folder, with
// forward slashes.
type file struct {
	name string
	data []byte
}

// Bundle is an archive that was read and found safe. Nothing of it was written
// or executed.
type Bundle struct {
	Key     string   // of the tmate
	Skipped []string // files that are not data of a tmate and are left out, sorted
	files   []file
	folders []string // of the archive, for finding clashes
}

// Checksum returns the SHA-256 of a bundle, or of anything, in hexadecimal.
func Checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

var checksumPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })

// Read reads a tar.gz. The error of a bundle that is not safe, not whole or too
// large is of kind Invalid and names what is wrong.
func Read(data []byte) (*Bundle, error) {
	if len(data) > maxBundle {
		return nil, refused("it is larger than %d MiB", maxBundle>>20)
	}
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, refused("it is not a gzip file")
	}
	plain := &meter{r: zipped, most: maxUnpacked, ratio: int64(len(data)) * maxRatio}
	b, seen := &Bundle{}, map[string]string{}
	archive := tar.NewReader(plain)
	for n := 0; ; n++ {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		if n == maxMembers {
			return nil, refused("it has more than %d files and folders", maxMembers)
		}
		if err := b.take(archive, h, seen); err != nil {
			return nil, err
		}
	}
	if _, err := io.Copy(io.Discard, plain); err != nil { // the end carries gzip's own checksum
		return nil, broken(err)
	}
	if b.Key == "" {
		return nil, refused("it is empty")
	}
	if err := b.clashes(); err != nil {
		return nil, err
	}
	slices.SortFunc(b.files, func(x, y file) int { return strings.Compare(x.name, y.name) })
	slices.Sort(b.Skipped)
	return b, nil
}

// take looks at one member of the archive. seen holds the members so far: the
// name as it is, by the name without case.
func (b *Bundle) take(r io.Reader, h *tar.Header, seen map[string]string) error {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader: // what git archive says about itself
		return nil
	case tar.TypeReg, tar.TypeDir:
	default:
		return refused("%s is neither a file nor a folder", quote(h.Name))
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return refused("%s is a sparse file", quote(h.Name))
		}
	}
	name, err := memberName(h)
	if err != nil || name == "" {
		return err
	}
	key, rest, inside := strings.Cut(name, "/")
	switch {
	case !tmates.ValidKey(key):
		return refused("its folder %s is not named by a key: a lower-case letter, then at most 63 of a-z, 0-9, _ and -", quote(key))
	case b.Key != "" && b.Key != key:
		return refused("it has more than one folder at its top: %s and %s", quote(b.Key), quote(key))
	case h.Typeflag == tar.TypeReg && !inside:
		return refused("%s is a file at its top, where only the tmate's folder may be", quote(name))
	}
	b.Key = key
	folded := strings.ToLower(name)
	if other, twice := seen[folded]; twice {
		return refused("%s and %s are the same name", quote(other), quote(name))
	}
	seen[folded] = name
	if h.Typeflag == tar.TypeDir {
		b.folders = append(b.folders, folded)
		return nil
	}
	if h.Size > maxFile {
		return refused("%s is larger than %d MiB", quote(name), maxFile>>20)
	}
	if !isData(rest) {
		b.Skipped = append(b.Skipped, rest)
		return nil
	}
	if !portable(rest) {
		return refused("%s: use letters, digits, ., _, - and spaces in names", quote(name))
	}
	data, err := io.ReadAll(r) // at most h.Size
	if err != nil {
		return broken(err)
	}
	b.files = append(b.files, file{rest, data})
	return nil
}

// memberName returns the clean name of a member, or an error when it could lead
// anywhere else. It is empty for the folder the archive was made in.
func memberName(h *tar.Header) (string, error) {
	name := strings.TrimPrefix(h.Name, "./")
	if h.Typeflag == tar.TypeDir {
		name = strings.TrimSuffix(name, "/")
		if name == "" || name == "." {
			return "", nil
		}
	}
	switch {
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl), strings.ContainsAny(name, `\:`):
		return "", refused("the name %s has a character no name may have", quote(h.Name))
	case len(name) > maxPath:
		return "", refused("the name %s is longer than %d bytes", quote(h.Name), maxPath)
	case strings.Count(name, "/") > maxDeep:
		return "", refused("%s lies more than %d folders deep", quote(h.Name), maxDeep)
	case name == "" || path.IsAbs(name) || path.Clean(name) != name || name == ".." || strings.HasPrefix(name, "../"):
		return "", refused("the name %s leads out of the tmate's folder", quote(h.Name))
	}
	return name, nil
}

// isData reports whether a file is one a tmate is made of.
func isData(name string) bool {
	return name == "manifest.yaml" || name == "rules.yaml" || strings.HasPrefix(name, "prompts/") || strings.HasPrefix(name, "assets/")
}

var portableName = regexp.MustCompile(`^[A-Za-z0-9_-](?:[A-Za-z0-9._ -]*[A-Za-z0-9_-])?$`)

// portable reports whether every file system can hold the name.
func portable(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if !portableName.MatchString(part) {
			return false
		}
	}
	return true
}

// clashes refuses a name that is a file here and a folder there.
func (b *Bundle) clashes() error {
	files := make(map[string]bool, len(b.files))
	for _, f := range b.files {
		files[strings.ToLower(b.Key+"/"+f.name)] = true
	}
	used := slices.Clone(b.folders)
	for name := range files {
		used = append(used, path.Dir(name))
	}
	for _, folder := range used {
		for ; folder != "."; folder = path.Dir(folder) {
			if files[folder] {
				return refused("%s is a file and a folder", quote(folder))
			}
		}
	}
	spelt := map[string]string{} // folders by their name without case
	for _, f := range b.files {
		for dir := path.Dir(f.name); dir != "."; dir = path.Dir(dir) {
			folded := strings.ToLower(dir)
			if other, ok := spelt[folded]; ok && other != dir {
				return refused("%s and %s are the same name", quote(other), quote(dir))
			}
			spelt[folded] = dir
		}
	}
	return nil
}

// meter ends a stream that is too long, or too long for what it was made of.
type meter struct {
	r     io.Reader
	n     int64
	most  int64
	ratio int64
}

var (
	errLong  = errors.New("more than it may hold")
	errDense = errors.New("more than its size can honestly hold")
)

// Read implements [io.Reader].
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	switch {
	case m.n > m.most:
		return 0, errLong
	case m.n > ratioFrom && m.n > m.ratio:
		return 0, errDense
	}
	return n, err
}

func broken(err error) error {
	switch {
	case errors.Is(err, errLong):
		return refused("it unpacks to more than %d MiB", maxUnpacked>>20)
	case errors.Is(err, errDense):
		return refused("it unpacks to more than %d times its size", maxRatio)
	}
	return refused("the archive is damaged")
}

func refused(format string, a ...any) error {
	return tmates.E(tmates.Invalid, "bundle_refused", nil, "The bundle cannot be used: "+format, a...)
}

// quote shows a stranger's text, shortened and without what a terminal obeys.
func quote(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
