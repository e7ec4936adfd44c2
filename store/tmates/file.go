package tmates

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// downloadPrefix is where a user's own files are served, relative to the
// server's root.
const downloadPrefix = "/v1/files/download/"

// MaxFilePath is the longest path of a file, in bytes. It also bounds how deep
// folders can be nested.
const MaxFilePath = 1024

// ValidFilePath reports whether p may name one of a user's files: valid UTF-8,
// relative, forward slashes only, no ".." segment, no NUL and not longer than
// MaxFilePath. Whatever else is asked of a path, one that fails here never
// reaches the disk. The path is taken as it is: percent-encoding was decoded by
// whoever read the URL.
func ValidFilePath(p string) bool {
	if p == "" || len(p) > MaxFilePath || p[0] == '/' || !utf8.ValidString(p) || strings.ContainsAny(p, "\x00\\") {
		return false
	}
	for segment := range strings.SplitSeq(p, "/") {
		if segment == ".." {
			return false
		}
	}
	return true
}

// DownloadURL returns the address of a user's file, relative to the server's
// root. Every byte of the path that is neither unreserved nor a slash is
// percent-encoded.
func DownloadURL(path string) string { return downloadPrefix + EscapePath(path) }

// ViewURL returns where a user's file is viewed by a link, relative to the
// server's root and without the link's query.
func ViewURL(path string) string { return "/api/files/view/" + EscapePath(path) }

// EscapePath percent-encodes every byte of a path that is neither unreserved nor
// a slash.
func EscapePath(path string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_.-~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// SizeDisplay writes n bytes for people, in steps of 1024: whole values
// without a decimal, others with one ("1 KB", but 1025 bytes are "1.0 KB").
func SizeDisplay(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	v, unit := float64(n), 0
	for v >= 1024 && unit < len(units)-1 {
		v /= 1024
		unit++
	}
	decimals := 1
	if v == float64(int64(v)) {
		decimals = 0
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + " " + units[unit]
}

// ModifiedDisplay writes the time of a file's last change for people, in UTC
// and to the minute.
func ModifiedDisplay(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// ModifiedISO writes the time of a file's last change for programs, in UTC and
// in whole seconds, with the offset spelled out.
func ModifiedISO(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") + "+00:00" }
