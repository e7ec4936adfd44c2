package files

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// Around the random names of files that are still being written. No other file
// may be called so.
const (
	partPrefix = ".tmates-"
	partSuffix = ".part"
)

func isPart(name string) bool {
	return strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix)
}

// clean returns the one spelling of a user's path, or ErrDenied. The user's own
// folder, under any of its names, is ".".
func clean(p string) (string, error) {
	if p == "" {
		return ".", nil
	}
	if !tmates.ValidFilePath(p) {
		return "", ErrDenied
	}
	p = path.Clean(p)
	if isPart(path.Base(p)) || !filepath.IsLocal(filepath.FromSlash(p)) { // the latter: drives and devices of Windows
		return "", ErrDenied
	}
	return p, nil
}
