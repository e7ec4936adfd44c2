package team

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// fileLink finds download links of this server in a reply. A link with a host
// may be another server's and is left alone.
var fileLink = regexp.MustCompile(`(?:^|[\s(<"'])(?:/api)?(?:/v1)?/files/download/([^\s()<>"']+)`)

// attachments makes attachments of the links in a reply that name files of the
// user, and of what the tmate wrote in the job without saying so. Whatever else
// looks like a link stays text.
func (t *Team) attachments(ctx context.Context, j tmates.Job, reply string) (all []tmates.Attachment, err error) {
	seen := map[string]bool{}
	add := func(name string) error {
		if name = path.Clean(name); seen[name] || len(all) == tmates.MaxAttachments {
			return nil
		}
		seen[name] = true
		f, err := t.FindFile(ctx, j.UserID, name)
		if isNotFound(err) || errors.Is(err, files.ErrDenied) {
			return nil
		}
		if err != nil {
			return err
		}
		all = append(all, tmates.Attachment{
			URI: tmates.DownloadURL(f.Path), Name: path.Base(f.Path), RelativePath: f.Path, SizeBytes: &f.Size, Type: f.MediaType,
		})
		return nil
	}
	for _, found := range fileLink.FindAllStringSubmatch(reply, -1) {
		name, _, _ := strings.Cut(found[1], "?")
		name, err := url.PathUnescape(strings.TrimRight(name, ".,;:!]*_"))
		if err != nil {
			continue
		}
		if err := add(name); err != nil {
			return nil, err
		}
	}
	var written []tmates.File
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		written, err = tx.FilesOfJob(ctx, j.UserID, j.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range written {
		if err := add(f.Path); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// fits refuses attachments that are too long together: they are stored with the
// message and its job, and sent to every socket of their owner.
func fits(as []tmates.Attachment) error {
	total := 0
	for _, a := range as {
		total += a.Bytes()
	}
	if total > tmates.MaxAttachmentBytes {
		return tmates.E(tmates.Invalid, "attachments_too_long", nil, "The texts of the attachments have more than %d bytes together", tmates.MaxAttachmentBytes)
	}
	return nil
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
