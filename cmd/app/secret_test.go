package app_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/server/control"
)

// TestSecretsStayWhereTheyBelong looks for everything a client could show in the
// log and in the data folder.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	const password, message = "correct horse battery", "the treasure lies under the oak"
	if err := a.Call("user.add", control.AddUser{Email: "ada@example.com", Password: password}, new(control.User)); err != nil {
		t.Fatal(err)
	}
	var code control.Code
	if err := a.Call("user.code", control.Email{Email: "ada@example.com"}, &code); err != nil {
		t.Fatal(err)
	}
	var link control.Link
	if err := a.Call("user.claim-link", control.Email{Email: "ada@example.com"}, &link); err != nil {
		t.Fatal(err)
	}
	_, pass, _ := strings.Cut(link.URL, "#/claim/")
	a.Do("POST", "/v1/claim", "", map[string]string{"token": pass, "email": "eve@example.com"})
	a.Do("POST", "/auth/v1/verify", "", map[string]string{"email": "ada@example.com", "token": "000000", "type": "email"})
	a.Do("POST", "/auth/v1/token?grant_type=password", "", map[string]string{"email": "ada@example.com", "password": password + "!"})
	ada := a.Login("ada@example.com")
	say(ada.Dial(), ada.Thread("Adam"), message)
	ada.Must(http.StatusNotFound, "GET", "/v1/chats/nothing?token="+ada.Token, nil)
	a.Stop()

	log := a.Log.String()
	for what, secret := range map[string]string{
		"code": code.Code, "access token": ada.Token, "refresh token": ada.Refresh, "password": password, "message": message, "anon key": a.AnonKey, "link": pass,
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds the %s", what)
		}
	}
	err := filepath.WalkDir(a.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for what, secret := range map[string]string{"code": code.Code, "access token": ada.Token, "refresh token": ada.Refresh, "password": password, "link": pass} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds the %s", filepath.Base(path), what)
			}
		}
		info, statErr := d.Info()
		if statErr == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", filepath.Base(path), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNobodyAsksTheModelUnasked covers everything that happens without a
// question: start, accounts, greetings, hiring, reading.
func TestNobodyAsksTheModelUnasked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nora", "action": "add"})
	for _, path := range []string{"/v1/chats", "/v1/chats/" + s.thread, "/v1/agents/metadata", "/v1/pinboard", "/v1/profile"} {
		s.ada.Must(http.StatusOK, "GET", path, nil)
	}
	s.Stop()
	if n := len(s.model.Requests()); n != 0 {
		t.Errorf("the model was asked %d times", n)
	}
}
