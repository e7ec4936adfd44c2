package team

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// sniffed is how many bytes of a file tell what it is.
const sniffed = 512

const unknownType = "application/octet-stream"

// Types of office documents by extension. The newer ones are zip archives, the
// older ones share one container.
var (
	zippedOffice = map[string]string{
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}
	openOffice = []string{
		"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
	}
	oldOffice = map[string]string{".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint"}
)

// textTypes are what a text may be by its extension; any other is plain.
var textTypes = map[string]string{
	".csv": "text/csv", ".tsv": "text/tab-separated-values", ".json": "application/json", ".md": "text/markdown", ".html": "text/html",
	".htm": "text/html", ".svg": "image/svg+xml", ".xml": "text/xml", ".ics": "text/calendar", ".rtf": "application/rtf",
	".yaml": "application/yaml", ".yml": "application/yaml",
}

// mediaType tells what a file is by its first bytes. The name only decides
// between types that the bytes allow alike (Q-F1).
func mediaType(name string, head []byte) string {
	ext := strings.ToLower(path.Ext(name))
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch {
	case kind == "application/zip":
		return zipType(ext, head)
	case kind == unknownType:
		return binaryType(ext, head)
	case strings.HasPrefix(kind, "text/"):
		return textType(ext, kind, head)
	}
	return kind
}

// zipType looks at the first entry of an archive: its name begins at byte 30.
func zipType(ext string, head []byte) string {
	if len(head) < 30 {
		return "application/zip"
	}
	entry := head[30:]
	if content, ok := bytes.CutPrefix(entry, []byte("mimetype")); ok {
		for _, t := range openOffice {
			if bytes.HasPrefix(content, []byte(t)) {
				return t
			}
		}
	}
	for _, folder := range []string{"[Content_Types].xml", "_rels/", "docProps/", "customXml/", "word/", "xl/", "ppt/"} {
		if t, ok := zippedOffice[ext]; ok && bytes.HasPrefix(entry, []byte(folder)) {
			return t
		}
	}
	return "application/zip"
}

// binaryType knows what the standard library's table of signatures lacks.
func binaryType(ext string, head []byte) string {
	if t, ok := oldOffice[ext]; ok && bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return t
	}
	if bytes.HasPrefix(head, []byte("II*\x00")) || bytes.HasPrefix(head, []byte("MM\x00*")) {
		return "image/tiff"
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch string(head[8:12]) {
		case "avif", "avis":
			return "image/avif"
		case "heic", "heix", "hevc", "mif1", "msf1":
			return "image/heic"
		}
	}
	return unknownType
}

func textType(ext, kind string, head []byte) string {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	markup := bytes.HasPrefix(head, []byte("<"))
	switch t := textTypes[ext]; {
	case markup && bytes.Contains(head, []byte("<svg")):
		return "image/svg+xml"
	case t == "image/svg+xml", t == "application/rtf" && !bytes.HasPrefix(head, []byte(`{\rtf`)),
		t == "application/json" && (len(head) == 0 || !strings.ContainsRune(`{["-0123456789tfn`, rune(head[0]))):
		return kind
	case t != "":
		return t
	}
	return kind
}

// categories are the words of files.allow; everything else there is a media
// type, or a kind with "/*".
var categories = map[string]func(mediaType string) bool{
	"images": func(t string) bool { return strings.HasPrefix(t, "image/") && t != "image/svg+xml" }, // an SVG is a document with scripts
	"text": func(t string) bool {
		return strings.HasPrefix(t, "text/") || t == "image/svg+xml" || t == "application/yaml"
	},
	"pdf":  func(t string) bool { return t == "application/pdf" },
	"csv":  func(t string) bool { return t == "text/csv" || t == "text/tab-separated-values" },
	"json": func(t string) bool { return t == "application/json" },
	"office": func(t string) bool {
		for _, types := range []map[string]string{zippedOffice, oldOffice} {
			for _, known := range types {
				if t == known {
					return true
				}
			}
		}
		return t == "application/rtf" || slices.Contains(openOffice, t)
	},
}

// allowed reports whether one of the words allows a media type.
func allowed(words []string, mediaType string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		if fits, ok := categories[word]; ok {
			return fits(mediaType)
		}
		kind, sub, _ := strings.Cut(word, "/")
		ofKind := kind == "*" || strings.HasPrefix(mediaType, kind+"/")
		return word == mediaType || sub == "*" && ofKind
	})
}

// namedTypes are the contract's types by extension; they come before what the
// machine's own table says.
var namedTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml",
	".pdf": "application/pdf", ".txt": "text/plain", ".json": "application/json", ".csv": "text/csv",
}

// servedType is the media type a file is sent with: by its extension, else what
// was found in it, else unknown. It has no parameters.
func servedType(filePath, found string) string {
	ext := strings.ToLower(path.Ext(filePath))
	if t, ok := namedTypes[ext]; ok {
		return t
	}
	if t, _, err := mime.ParseMediaType(mime.TypeByExtension(ext)); err == nil {
		return t
	}
	if found != "" {
		return found
	}
	return unknownType
}
