package tmates_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

func TestSizeDisplay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		n    int64
		want string
	}{
		{0, "0 B"}, {3, "3 B"}, {1023, "1023 B"}, {1024, "1 KB"}, {1025, "1.0 KB"}, {1536, "1.5 KB"},
		{1048575, "1024.0 KB"}, {1 << 20, "1 MB"}, {3 << 19, "1.5 MB"}, {1 << 30, "1 GB"}, {1 << 40, "1 TB"},
		{1 << 50, "1 PB"}, {1 << 60, "1024 PB"}, {math.MaxInt64, "8192 PB"},
	}
	for _, test := range tests {
		if got := tmates.SizeDisplay(test.n); got != test.want {
			t.Errorf("SizeDisplay(%d) = %q, want %q", test.n, got, test.want)
		}
	}
}

func TestModified(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 14, 56, 52, 987654321, time.FixedZone("", 2*3600))
	if got := tmates.ModifiedDisplay(at); got != "2026-11-22 12:56 UTC" {
		t.Errorf("display = %q", got)
	}
	if got := tmates.ModifiedISO(at); got != "2026-11-22T12:56:52+00:00" {
		t.Errorf("iso = %q", got)
	}
}

func TestDownloadURL(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"a.png":              "/v1/files/download/a.png",
		"sub dir/r.csv":      "/v1/files/download/sub%20dir/r.csv",
		"A-Z_a.z~0":          "/v1/files/download/A-Z_a.z~0",
		"ü&?#%+:@.png":       "/v1/files/download/%C3%BC%26%3F%23%25%2B%3A%40.png",
		"日":                  "/v1/files/download/%E6%97%A5",
		"it's (1), ok; a=b!": "/v1/files/download/it%27s%20%281%29%2C%20ok%3B%20a%3Db%21",
	} {
		if got := tmates.DownloadURL(path); got != want {
			t.Errorf("DownloadURL(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestValidFilePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"a": true, "a/b.png": true, "..a/b..": true, "a/...": true, "./a": true, "a//b": true, "日本/ü": true, "a%2e": true,
		strings.Repeat("a", 1024): true, strings.Repeat("a", 1025): false,
		"": false, "/": false, "/a": false, "..": false, "../a": false, "a/..": false, "a/../b": false, `a\b`: false, "a\x00": false, "\xff": false,
	} {
		if got := tmates.ValidFilePath(path); got != want {
			t.Errorf("ValidFilePath(%q) = %v, want %v", path, got, want)
		}
	}
}
