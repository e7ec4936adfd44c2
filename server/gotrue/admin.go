package gotrue

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store/tmates"
)

// operator lets only the service key through.
func (a *API) operator(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := a.use.Admin(bearer(c)); err != nil {
			return err
		}
		return next(c)
	}
}

// Bounds of a page of accounts.
const (
	defaultPerPage = 50
	maxPerPage     = 1000
	maxPage        = 1_000_000
)

type usersBody struct {
	Users []userBody `json:"users"`
	Aud   string     `json:"aud"`
}

// listUsers serves GET /admin/users.
func (a *API) listUsers(c echo.Context) error {
	page, err := count(c, "page", 1, maxPage)
	if err != nil {
		return err
	}
	perPage, err := count(c, "per_page", defaultPerPage, maxPerPage)
	if err != nil {
		return err
	}
	filter := c.QueryParam("filter")
	accounts, total, err := a.use.UsersPage(c.Request().Context(), filter, page, perPage)
	if err != nil {
		return err
	}
	out := usersBody{Users: []userBody{}, Aud: authenticated}
	for _, account := range accounts {
		out.Users = append(out.Users, userOf(account.User, account.Identities))
	}
	c.Response().Header().Set("X-Total-Count", strconv.Itoa(total))
	c.Response().Header().Set("Link", pages(page, perPage, total, filter))
	return writeJSON(c, http.StatusOK, out)
}

// count reads a number of the query from 1 to most; clients send the names of
// those they leave open, too.
func count(c echo.Context, name string, def, most int) (int, error) {
	text := c.QueryParam(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalid(fmt.Sprintf("%s must be a whole number from 1 to %d", name, most))
	}
	return n, nil
}

// pages is the Link header of a page. Clients cut the number out of it behind
// the first equals sign, so the page comes first.
func pages(page, perPage, total int, filter string) string {
	link := func(n int, rel string) string {
		more := ""
		if filter != "" {
			more = "&filter=" + url.QueryEscape(filter)
		}
		return fmt.Sprintf(`</admin/users?page=%d&per_page=%d%s>; rel=%q`, n, perPage, more, rel)
	}
	last := max((total+perPage-1)/perPage, 1)
	if page < last {
		return link(page+1, "next") + ", " + link(last, "last")
	}
	return link(last, "last")
}

// changeBody is an account as the operator wants it.
type changeBody struct {
	ID           string         `json:"id"`
	Email        *string        `json:"email"`
	Phone        string         `json:"phone"`
	Password     *string        `json:"password"`
	PasswordHash *string        `json:"password_hash"`
	EmailConfirm bool           `json:"email_confirm"`
	UserMetadata map[string]any `json:"user_metadata"`
	AppMetadata  map[string]any `json:"app_metadata"`
	BanDuration  *string        `json:"ban_duration"`
	Role         string         `json:"role"`
}

// change decodes what is set of an account. Whatever cannot be set is ignored.
func change(c echo.Context) (id string, out identity.Change, err error) {
	in, err := decode[changeBody](c)
	switch {
	case err != nil:
		return "", out, err
	case in.Phone != "":
		return "", out, errPhone
	case in.Role != "" && in.Role != authenticated:
		return "", out, invalid("role can only be authenticated: the service role is no user's")
	}
	return in.ID, identity.Change{
		Email: in.Email, Password: in.Password, PasswordHash: in.PasswordHash, Confirm: in.EmailConfirm,
		Metadata: in.UserMetadata, AppMetadata: in.AppMetadata, Ban: in.BanDuration,
	}, nil
}

func writeAccount(c echo.Context, a identity.Account, err error) error {
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, userOf(a.User, a.Identities))
}

// createUser serves POST /admin/users.
func (a *API) createUser(c echo.Context) error {
	id, in, err := change(c)
	if err != nil {
		return err
	}
	account, err := a.use.CreateUser(c.Request().Context(), client(c), id, in)
	return writeAccount(c, account, err)
}

// errUserID has a status of its own.
var errUserID = tmates.E(tmates.NotFound, "validation_failed", nil, "The id in the path must be a UUID")

func pathUser(c echo.Context) (string, error) {
	id, ok := identity.ParseID(c.Param("id"))
	if !ok {
		return "", errUserID
	}
	return id, nil
}

// getUser serves GET /admin/users/:id.
func (a *API) getUser(c echo.Context) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	account, err := a.use.User(c.Request().Context(), id)
	return writeAccount(c, account, err)
}

// changeUser serves PUT /admin/users/:id.
func (a *API) changeUser(c echo.Context) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	_, in, err := change(c)
	if err != nil {
		return err
	}
	account, err := a.use.ChangeUser(c.Request().Context(), client(c), id, in)
	return writeAccount(c, account, err)
}

// deleteUser serves DELETE /admin/users/:id. The body, which may ask for a soft
// deletion, is not read: what is left of an account without its person is of no
// use to anybody.
func (a *API) deleteUser(c echo.Context) error {
	id, err := pathUser(c)
	if err != nil {
		return err
	}
	if err := a.use.DeleteUser(c.Request().Context(), client(c), id); err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, empty{})
}
