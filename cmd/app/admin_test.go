package app_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// admin asks as the operator and wants a status.
func admin(t *testing.T, a *apptest.App, status int, method, path string, body any) apptest.Response {
	t.Helper()
	res := a.Do(method, "/auth/v1"+path, a.ServiceKey(), body)
	if res.Status != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, res.Status, res.Body, status)
	}
	return res
}

// closed reads the socket to its end and wants the code of an ended login.
func closed(t *testing.T, s *apptest.Socket) {
	t.Helper()
	for {
		if _, _, err := s.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
				t.Errorf("the socket ended with %v", err)
			}
			return
		}
	}
}

// rows opens the database of a stopped server as SQL.
func rows(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// mentions counts the rows of each table that name an id in any column.
func mentions(t *testing.T, db *sql.DB, id string) map[string]int {
	t.Helper()
	columns := map[string][]string{}
	res, err := db.QueryContext(t.Context(), `SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Close() }()
	for res.Next() {
		var table, column string
		if err := res.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		columns[table] = append(columns[table], "instr("+column+", '"+id+"') > 0")
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for table, has := range columns {
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE `+strings.Join(has, " OR ")).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found[table] = n
		}
	}
	return found
}

func sound(t *testing.T, db *sql.DB) {
	t.Helper()
	res, err := db.QueryContext(t.Context(), `PRAGMA foreign_key_check`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Close() }()
	if res.Next() {
		t.Error("a row names what does not exist")
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
}

// An account the operator makes from a program is what `tmates user add` makes.
func TestAdminMakesTheSameAccount(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	a.AddUser("ada@example.com", "Ada")
	var made struct{ ID string }
	admin(t, a, 200, "POST", "/admin/users", map[string]any{
		"email": "bob@example.com", "email_confirm": true, "user_metadata": map[string]any{"full_name": "Bob"},
	}).Decode(&made)
	bob, cleo := a.Login("bob@example.com"), a.AddUser("cleo@example.com", "Cleo")
	if bob.ID != made.ID {
		t.Errorf("logged in as %s, made %s", bob.ID, made.ID)
	}
	see := func(u *apptest.User) (out []any) {
		var chats []struct{ Title, Slug string }
		u.Must(http.StatusOK, "GET", "/v1/chats", nil).Decode(&chats)
		var profile struct{ Role string }
		u.Must(http.StatusOK, "GET", "/v1/profile", nil).Decode(&profile)
		return append(out, chats, profile)
	}
	if diff := cmp.Diff(see(cleo), see(bob)); diff != "" {
		t.Errorf("user add and the admin call (-add +admin):\n%s", diff)
	}
	var users []control.User
	if err := a.Call("user.list", struct{}{}, &users); err != nil {
		t.Fatal(err)
	}
	roles := map[string]tmates.Role{}
	for _, u := range users {
		roles[u.Email] = u.Role
	}
	want := map[string]tmates.Role{"ada@example.com": "owner", "bob@example.com": "member", "cleo@example.com": "member"}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
}

// A ban, a password and a deletion end sockets, polls and every other access
// before the call is answered.
func TestAdminEndsLoginsAtOnce(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	a.AddUser("owner@example.com", "Owner")
	for _, c := range []struct {
		name, method string
		body         any
	}{
		{"ban", "PUT", map[string]any{"ban_duration": "1h"}},
		{"password", "PUT", map[string]any{"password": "vellum tundra 42"}},
		{"deletion", "DELETE", map[string]any{"should_soft_delete": true}},
	} {
		u := a.AddUser(c.name+"@example.com", "")
		u.Must(http.StatusOK, "GET", "/v1/profile", nil) // remembered for a moment
		s := u.Dial()
		admin(t, a, 200, c.method, "/admin/users/"+u.ID, c.body)
		closed(t, s)
		for _, path := range []string{"/v1/profile", "/v1/chats", "/v1/agents/metadata", "/v1/files", "/v1/jobs"} {
			if res := u.Do("GET", path, nil); res.Status != http.StatusUnauthorized {
				t.Errorf("%s: GET %s: %d %s", c.name, path, res.Status, res.Body)
			}
		}
		if res := u.Do("GET", "/auth/v1/user", nil); res.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", c.name, res.Status, res.Body)
		}
		if res := a.Do("POST", "/auth/v1/token?grant_type=refresh_token", "", map[string]any{"refresh_token": u.Refresh}); res.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", c.name, res.Status, res.Body)
		}
		_, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(a.URL, "http")+"/v1/ws/"+u.ID+"?token="+u.Token, nil)
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: a new socket: %v", c.name, err)
		}
		if res != nil {
			_ = res.Body.Close()
		}
	}
}

// Whoever is deleted leaves nothing but records, usage and posts, whatever runs
// at that moment, and nobody else notices.
func TestAdminDeletesEverything(t *testing.T) {
	t.Parallel()
	brain := newHeld()
	dir := t.TempDir()
	a := apptest.Start(t, apptest.Options{Dir: dir, Model: brain})
	ada, bob := a.AddUser("ada@example.com", "Ada"), a.AddUser("bob@example.com", "Bob")
	put(t, dir, bob.ID)
	put(t, dir, ada.ID)
	thread := bob.Thread("Adam")
	bob.Must(http.StatusOK, "PATCH", "/v1/settings/mobile", map[string]any{"theme_preference": "dark"})
	for range 2 { // one runs, one waits for it
		bob.Must(http.StatusCreated, "POST", "/v1/chats/"+thread+"/messages", map[string]any{"content": "hello"})
	}
	s := bob.Dial()
	brain.waitBusy(t)
	admin(t, a, 200, "DELETE", "/admin/users/"+bob.ID, nil)
	closed(t, s)
	brain.waitIdle(t) // the attempt was ended, not finished
	brain.release()
	if _, err := os.Stat(filepath.Join(dir, "files", bob.ID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the files are there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "files", ada.ID, "notes.txt")); err != nil {
		t.Errorf("somebody else's files: %v", err)
	}
	var jobs []control.Job
	if err := a.Call("job.list", control.Page{Limit: 100}, &jobs); err != nil || len(jobs) != 0 {
		t.Errorf("jobs %+v, %v", jobs, err)
	}
	say(ada.Dial(), ada.Thread("Adam"), "hello") // the tmate's lane and the workers are free
	a.Stop()
	log := a.Log.String()
	for _, bad := range []string{"panic", "level=ERROR", "status=500"} {
		if strings.Contains(log, bad) {
			t.Errorf("the log has %s", bad)
		}
	}
	db := rows(t, dir)
	sound(t, db)
	left := mentions(t, db, bob.ID)
	if left["audit"] == 0 {
		t.Error("no record of the deletion")
	}
	delete(left, "audit")
	if len(left) > 0 {
		t.Errorf("rows that name the account: %v", left)
	}
	if left := mentions(t, db, ada.ID); left["users"] == 0 || left["threads"] == 0 || left["messages"] == 0 {
		t.Errorf("somebody else's rows: %v", left)
	}
}

// put keeps a file for a user, as an upload would.
func put(t *testing.T, dir, userID string) {
	t.Helper()
	s, err := files.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), userID, "notes.txt", strings.NewReader("text"), 100); err != nil {
		t.Fatal(err)
	}
}

// An organisation is never without an owner, and never without people.
func TestAdminHandsTheOrganisationOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := apptest.Start(t, apptest.Options{Dir: dir})
	owner := a.AddUser("owner@example.com", "Owner")
	for email, role := range map[string]tmates.Role{"member@example.com": "member", "admin@example.com": "admin"} {
		if err := a.Call("user.add", control.AddUser{Email: email, Role: role}, &control.User{}); err != nil {
			t.Fatal(err)
		}
	}
	roles := func() map[string]tmates.Role {
		var users []control.User
		if err := a.Call("user.list", struct{}{}, &users); err != nil {
			t.Fatal(err)
		}
		out := map[string]tmates.Role{}
		for _, u := range users {
			out[u.Email] = u.Role
		}
		return out
	}
	remove := func(email string) {
		t.Helper()
		if err := a.Call("user.remove", control.Email{Email: email}, &control.Email{}); err != nil {
			t.Fatal(err)
		}
	}
	admin(t, a, 200, "DELETE", "/admin/users/"+owner.ID, nil)
	if diff := cmp.Diff(map[string]tmates.Role{"member@example.com": "member", "admin@example.com": "owner"}, roles()); diff != "" {
		t.Errorf("without the owner: %s", diff)
	}
	remove("admin@example.com")
	if diff := cmp.Diff(map[string]tmates.Role{"member@example.com": "owner"}, roles()); diff != "" {
		t.Errorf("without the admin: %s", diff)
	}
	remove("member@example.com")
	next := a.AddUser("next@example.com", "Next")
	next.Must(http.StatusOK, "GET", "/v1/chats", nil)
	if diff := cmp.Diff(map[string]tmates.Role{"next@example.com": "owner"}, roles()); diff != "" {
		t.Errorf("founded anew: %s", diff)
	}
	a.Stop()
	db := rows(t, dir)
	sound(t, db)
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM organisations`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d organisations, %v", n, err)
	}
}

// Posts are the organisation's: they stay when their author goes.
func TestPostsOutliveTheirAuthor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := apptest.Start(t, apptest.Options{Dir: dir})
	ada, bob := first.AddUser("ada@example.com", "Ada"), first.AddUser("bob@example.com", "Bob")
	say(bob.Dial(), bob.Thread("Adam"), "pin Adam wrote this for Bob")
	first.Stop()
	db, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		org, _, _, err := tx.Membership(ctx, bob.ID)
		if err != nil {
			return err
		}
		_, err = tx.AddPost(ctx, tmates.Post{ID: tx.NewID(), OrganisationID: org.ID, UserID: bob.ID, Slug: "by-bob", Title: "By Bob"})
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	a := apptest.Start(t, apptest.Options{Dir: dir})
	authors := func() map[string]string {
		var posts []struct {
			Slug   string
			Author *string `json:"author_display"`
		}
		res := a.Do("GET", "/v1/pinboard", a.Login("ada@example.com").Token, nil)
		res.Decode(&posts)
		out := map[string]string{}
		for _, p := range posts {
			if p.Author == nil {
				t.Errorf("%s has no author", p.Slug)
				continue
			}
			out[p.Slug] = *p.Author
		}
		return out
	}
	before := authors()
	if len(before) != 2 || before["by-bob"] != "Bob" {
		t.Fatalf("%v", before)
	}
	admin(t, a, 200, "DELETE", "/admin/users/"+bob.ID, nil)
	before["by-bob"] = "User"
	if diff := cmp.Diff(before, authors()); diff != "" {
		t.Error(diff)
	}
	if res := a.Do("GET", "/v1/pinboard/by-bob", a.Login(ada.Email).Token, nil); res.Status != http.StatusOK || !strings.Contains(string(res.Body), `"author_display":"User"`) {
		t.Errorf("%d %s", res.Status, res.Body)
	}
}

// Files that a dying process left of a deleted account go at the next start;
// those of an account the database never knew stay.
func TestFilesOfTheDeletedGoAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := apptest.Start(t, apptest.Options{Dir: dir})
	ada, bob := first.AddUser("ada@example.com", "Ada"), first.AddUser("bob@example.com", "Bob")
	admin(t, first, 200, "DELETE", "/admin/users/"+bob.ID, nil)
	first.Stop()
	const stranger = "11111111-1111-4111-8111-111111111111"
	for _, id := range []string{ada.ID, bob.ID, stranger} {
		put(t, dir, id)
	}
	if err := os.MkdirAll(filepath.Join(dir, "files", "notes of mine"), 0o700); err != nil {
		t.Fatal(err)
	}
	apptest.Start(t, apptest.Options{Dir: dir})
	entries, err := os.ReadDir(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, e := range entries {
		left[e.Name()] = true
	}
	if diff := cmp.Diff(map[string]bool{ada.ID: true, stranger: true, "notes of mine": true}, left); diff != "" {
		t.Error(diff)
	}
}

// Whatever somebody is doing at the moment the account goes is refused, never a
// failure of ours.
func TestAdminDeletesAmidRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := apptest.Start(t, apptest.Options{Dir: dir, Config: func(c *config.Config) { c.Chat.MessagesPerMinute = 0 }})
	a.AddUser("ada@example.com", "Ada")
	bob := a.AddUser("bob@example.com", "Bob")
	thread := "/v1/chats/" + bob.Thread("Adam")
	var busy, done sync.WaitGroup
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{"POST", thread + "/messages", map[string]any{"content": "hello"}},
		{"GET", thread + "/messages", nil},
		{"GET", "/v1/chats", nil},
		{"POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "hello"}},
		{"PATCH", "/v1/settings/mobile", map[string]any{"theme_preference": "dark"}},
		{"PATCH", "/v1/profile", map[string]any{"display_name": "Bob"}},
		{"PATCH", "/v1/profile", map[string]any{"avatar_url": "https://example.com/b.png"}},
		{"GET", "/v1/pinboard", nil},
		{"POST", "/v1/agents/manage", map[string]any{"action": "hire", "agent_key": "nora"}},
		{"POST", "/v1/chats?agent_key=nora", nil},
		{"POST", thread + "/clear", nil},
		{"PUT", "/auth/v1/user", map[string]any{"data": map[string]any{"x": 1}}},
		{"POST", "/auth/v1/token?grant_type=refresh_token", map[string]any{"refresh_token": bob.Refresh}},
		{"POST", "/auth/v1/recover", map[string]any{"email": bob.Email}},
	} {
		busy.Add(1)
		done.Go(func() {
			for n := 0; n < 3000; n++ {
				res := bob.Do(call.method, call.path, call.body)
				if n == 0 {
					busy.Done()
				}
				if res.Status == http.StatusServiceUnavailable && strings.HasPrefix(call.path, "/auth/v1/token") {
					continue // refreshed too often, which is no end
				}
				if res.Status >= 500 {
					t.Errorf("%s %s: %d %s", call.method, call.path, res.Status, res.Body)
				}
				if bob.Do("GET", "/v1/profile", nil).Status == http.StatusUnauthorized {
					return
				}
			}
			t.Errorf("%s %s: the account never went", call.method, call.path)
		})
	}
	busy.Wait()
	admin(t, a, 200, "DELETE", "/admin/users/"+bob.ID, nil)
	done.Wait()
	a.Stop()
	for _, bad := range []string{"panic", "level=ERROR"} {
		if strings.Contains(a.Log.String(), bad) {
			t.Errorf("the log has %s", bad)
		}
	}
	db := rows(t, dir)
	sound(t, db)
	left := mentions(t, db, bob.ID)
	delete(left, "audit")
	delete(left, "usage") // of the organisation
	if len(left) > 0 {
		t.Errorf("rows that name the account: %v", left)
	}
}
