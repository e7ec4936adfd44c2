package team

import (
	"cmp"
	"context"
	"mime"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/tmates/tmates/store/tmates"
)

// fileLink finds download links of this server in a reply. A link with a host
// may be another server's and is left alone.
var fileLink = regexp.MustCompile(`(?:^|[\s(<"'])(?:/api)?(?:/v1)?/files/download/([^\s()<>"']+)`)

// attachments makes attachments of the links in a reply that name files of the
// user. Whatever else looks like one stays text.
func (t *Team) attachments(ctx context.Context, userID, reply string) (all []tmates.Attachment) {
	seen := map[string]bool{}
	for _, found := range fileLink.FindAllStringSubmatch(reply, -1) {
		name, _, _ := strings.Cut(found[1], "?")
		name, err := url.PathUnescape(strings.TrimRight(name, ".,;:!]*_"))
		if err != nil || seen[name] || len(all) == tmates.MaxAttachments {
			continue
		}
		seen[name] = true
		f, err := t.files.Open(ctx, userID, name)
		if err != nil {
			continue
		}
		info, err := f.Stat()
		_ = f.Close()
		if err != nil {
			continue
		}
		size := info.Size()
		all = append(all, tmates.Attachment{
			URI: tmates.DownloadURL(name), Name: path.Base(name), RelativePath: name, SizeBytes: &size,
			Type: mime.TypeByExtension(path.Ext(name)),
		})
	}
	return all
}

// withFiles mentions the attachments of a message to a tmate, which reads text.
func withFiles(text string, payload map[string]any) string {
	all := tmates.AttachmentsOf(payload)
	if len(all) == 0 {
		return text
	}
	names := make([]string, 0, len(all))
	for _, a := range all {
		names = append(names, cmp.Or(a.Name, a.RelativePath, "a file"))
	}
	return strings.TrimSpace(text + "\n[attached: " + strings.Join(names, ", ") + "]")
}
