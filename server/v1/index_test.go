package v1_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// What happened to the folder while no server ran shows after the next start,
// and nothing a killed upload left stays.
func TestIndexFollowsTheDisk(t *testing.T) {
	t.Parallel()
	app, ann, bob, model := product(t, nil)
	kept, gone := upload(t, ann, "kept.md", "# Kept"), upload(t, ann, "gone.md", "# Gone")
	changed := upload(t, ann, "changed.csv", "a,b")
	upload(t, bob, "b.txt", "Bob's")
	app.Stop()
	folder := filepath.Join(app.Dir, "files", ann.ID)
	at := time.Date(2020, 1, 2, 3, 4, 5, 678000, time.UTC)
	putFile(t, app, ann, changed.FileName, "a,b,c", at.Add(time.Hour))
	for i := range 1100 { // more than one batch
		putFile(t, app, ann, "by hand/"+strconv.Itoa(i), pngHead, at)
	}
	putFile(t, app, ann, ".tmates-x.part", "half", at)
	if err := os.Remove(filepath.Join(folder, gone.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(app.Dir, "files", randomID), 0o700); err != nil { // of no account
		t.Fatal(err)
	}
	app = start(t, app.Dir, model, nil, nil)
	ann, bob = ann.On(app), bob.On(app)
	var list struct {
		Files []struct {
			Path         string `json:"relative_path"`
			OriginalName string `json:"original_name"`
			Size         int64
		}
		Count int   `json:"total_count"`
		Size  int64 `json:"total_size"`
	}
	ann.Must(200, "GET", "/v1/files?limit=500", nil).Decode(&list)
	if list.Count != 1102 || list.Size != 6+5+1100*8 {
		t.Errorf("%d files of %d bytes", list.Count, list.Size)
	}
	if f := list.Files[0]; f.Path != kept.FileName || f.OriginalName != "kept.md" {
		t.Errorf("newest = %+v", f)
	}
	i := slices.IndexFunc(list.Files, func(f struct {
		Path         string `json:"relative_path"`
		OriginalName string `json:"original_name"`
		Size         int64
	},
	) bool {
		return f.Path == changed.FileName
	})
	if i < 0 || list.Files[i].Size != 5 || list.Files[i].OriginalName != "changed.csv" {
		t.Errorf("changed file at %d of %d", i, len(list.Files))
	}
	if res := ann.Must(200, "GET", "/v1/files/download/by%20hand%2F7", nil); res.Header.Get("Content-Type") != "image/png" {
		t.Errorf("found by its content: %q", res.Header.Get("Content-Type"))
	}
	if slices.Contains(onDisk(t, app, ann), ".tmates-x.part") {
		t.Error("the half-written file is still there")
	}
	bob.Must(200, "GET", "/v1/files", nil).Decode(&list)
	if list.Count != 1 {
		t.Errorf("Bob has %d files", list.Count)
	}
}
