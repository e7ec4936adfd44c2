package tmates

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a message's attachments. The upstream has none; these keep a
// message small enough to be sent to every socket of its owner.
const (
	MaxAttachments     = 20       // per message
	MaxAttachmentText  = 4096     // code points of each text of an attachment
	MaxAttachmentBytes = 64 << 10 // of all texts of a message's attachments together
)

// Attachment is a file or link that comes with a message. Empty texts and nil
// numbers are unknown.
type Attachment struct {
	URI          string // never empty
	Type         string // media type
	Name         string
	RelativePath string // in the owner's folder; passes ValidFilePath or is empty
	DownloadURL  string
	SizeBytes    *int64
	Width        *int64 // pixels
	Height       *int64 // pixels
	Duration     *float64
}

// Bytes is what the texts of the attachment weigh.
func (a Attachment) Bytes() int {
	return len(a.URI) + len(a.Type) + len(a.Name) + len(a.RelativePath) + len(a.DownloadURL)
}

// NormalizeAttachment reads an attachment that a client or a tmate sends. It
// reports false for one that must be refused: no uri, a text longer than
// MaxAttachmentText, or a value of the wrong kind. Unknown keys are ignored.
//
// A relative_path that does not pass [ValidFilePath] counts as missing, and a
// missing one is taken from the uri when that points to a download. Negative
// numbers are what some clients send for "unknown", and count as such.
func NormalizeAttachment(in map[string]any) (Attachment, bool) {
	var a Attachment
	for key, field := range map[string]*string{
		"uri": &a.URI, "type": &a.Type, "name": &a.Name, "relative_path": &a.RelativePath, "download_url": &a.DownloadURL,
	} {
		text, ok := textOf(in[key])
		if !ok {
			return Attachment{}, false
		}
		*field = text
	}
	if strings.TrimSpace(a.URI) == "" {
		return Attachment{}, false
	}
	for key, field := range map[string]**int64{"size_bytes": &a.SizeBytes, "width": &a.Width, "height": &a.Height} {
		n, ok := wholeOf(in[key])
		if !ok {
			return Attachment{}, false
		}
		*field = n
	}
	var ok bool
	if a.Duration, ok = numberOf(in["duration"]); !ok {
		return Attachment{}, false
	}
	if !ValidFilePath(a.RelativePath) {
		a.RelativePath = pathOf(a.URI)
	}
	return a, true
}

// AttachmentsOf reads the attachments of a stored message back, at most
// MaxAttachments. Stored messages also come from imports and older tmates, so
// several names of a key are known, entries without any address are skipped,
// and a value that makes no sense is unknown instead of an error.
func AttachmentsOf(payload map[string]any) []Attachment {
	attachments := []Attachment{}
	for _, in := range objectsOf(payload["attachments"]) {
		if len(attachments) == MaxAttachments {
			break
		}
		a := Attachment{
			URI:          firstText(in, "uri", "url", "download_url"),
			Type:         firstText(in, "type", "mime_type", "content_type"),
			Name:         firstText(in, "name", "label", "filename"),
			RelativePath: firstText(in, "relative_path"),
			DownloadURL:  firstText(in, "download_url"),
		}
		if a.URI == "" {
			continue
		}
		if !ValidFilePath(a.RelativePath) {
			a.RelativePath = ""
		}
		a.SizeBytes, _ = wholeOf(in["size_bytes"])
		a.Width, _ = wholeOf(in["width"])
		a.Height, _ = wholeOf(in["height"])
		a.Duration, _ = numberOf(in["duration"])
		attachments = append(attachments, a)
	}
	return attachments
}

// Sparse returns the stored and pushed form: only keys with a value.
func (a Attachment) Sparse() map[string]any {
	out := map[string]any{}
	for key, text := range map[string]string{
		"uri": a.URI, "type": a.Type, "name": a.Name, "relative_path": a.RelativePath, "download_url": a.DownloadURL,
	} {
		if text != "" {
			out[key] = text
		}
	}
	for key, n := range map[string]*int64{"size_bytes": a.SizeBytes, "width": a.Width, "height": a.Height} {
		if n != nil {
			out[key] = *n
		}
	}
	if a.Duration != nil {
		out["duration"] = *a.Duration
	}
	return out
}

// pathOf returns the path of the owner's file that a download link points to;
// empty when the link is none. Cut and decoded, because the file on disk knows
// neither query nor percent-encoding (Q-C19).
func pathOf(uri string) string {
	// The shortest form is part of all of them: with /v1, /api/v1 and /api.
	_, path, found := strings.Cut(uri, "/files/download/")
	if !found {
		return ""
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded // else it was never encoded: "100%.png"
	}
	path = strings.TrimLeft(path, "/")
	if !ValidFilePath(path) {
		return ""
	}
	return path
}

// objectsOf returns the objects of a list, be it decoded JSON or still the
// slice that was built in this process.
func objectsOf(v any) []map[string]any {
	switch list := v.(type) {
	case []map[string]any:
		return list
	case []any:
		var objects []map[string]any
		for _, item := range list {
			if object, ok := item.(map[string]any); ok {
				objects = append(objects, object)
			}
		}
		return objects
	}
	return nil
}

// textOf reads an optional text; false when it is of another kind or too long.
func textOf(v any) (string, bool) {
	if v == nil {
		return "", true
	}
	s, ok := v.(string)
	return s, ok && utf8.RuneCountInString(s) <= MaxAttachmentText
}

// firstText returns the first usable text under one of the keys.
func firstText(in map[string]any, keys ...string) string {
	for _, key := range keys {
		if s, ok := textOf(in[key]); ok && strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// wholeOf reads an optional whole number; false when it is none.
func wholeOf(v any) (*int64, bool) {
	n, exact := int64(0), false
	switch v := v.(type) {
	case int:
		n, exact = int64(v), true
	case int64:
		n, exact = v, true
	case json.Number:
		n, exact = parseWhole(v.String())
	case string:
		n, exact = parseWhole(v)
	}
	if !exact {
		f, ok := numberOf(v)
		if !ok || f == nil {
			return nil, ok
		}
		// 1<<63 is the first float64 that does not fit.
		if *f != math.Trunc(*f) || *f >= 1<<63 {
			return nil, false
		}
		n = int64(*f)
	}
	if n < 0 {
		return nil, true
	}
	return &n, true
}

func parseWhole(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n, err == nil
}

// numberOf reads an optional finite number; false when it is none.
func numberOf(v any) (*float64, bool) {
	var f float64
	switch v := v.(type) {
	case nil:
		return nil, true
	case float64:
		f = v
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case json.Number:
		return numberOf(v.String())
	case string:
		parsed, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil {
			return nil, false
		}
		f = parsed
	default:
		return nil, false
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, false // JSON cannot say these, so nobody could read them back
	}
	if f < 0 {
		return nil, true
	}
	return &f, true
}
