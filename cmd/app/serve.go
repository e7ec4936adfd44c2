package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/cmd/demo"
	"github.com/tmates/tmates/server"
	"github.com/tmates/tmates/server/docs"
	"github.com/tmates/tmates/server/gotrue"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/ui"
	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/web"
)

// Bounds of starting and stopping.
const (
	holdRequests = time.Minute            // while the server starts: a refused client forgets its login
	drainHTTP    = 5 * time.Second        // for requests when it stops
	drainSockets = 3 * time.Second        // for close codes to be said and answered
	answerTime   = 100 * time.Millisecond // after the start, before what may wait
)

// pause waits, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Started is what a server tells once it answers.
type Started struct {
	URL     string        // where it listens, "http://127.0.0.1:8000"
	Public  string        // how clients reach it
	AnonKey string        // for the clients' configuration
	Took    time.Duration // from Serve to the first answer
	Users   int           // accounts; 0 on a fresh folder
	Claim   string        // a link that makes the first account, once; empty when there is one
	Model   string        // what answers, "gpt-5-mini at api.openai.com"; empty: offline rules
	Guest   Guest         // empty unless it is a demo
}

// Guest is the account of a demo. Link signs in once, the password as often as
// one likes.
type Guest struct{ Email, Password, Link string }

// Serve runs the server until ctx ends, then stops it and returns nil. It
// returns an error when the server cannot start or a part of it fails. started
// is called once it answers requests; it may be nil.
func Serve(ctx context.Context, o Options, started func(Started)) (err error) {
	begun := time.Now()
	lock, _, err := store.AcquireLock(o.Config.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: choose another address with --listen", o.Config.Listen, err)
	}
	s := &serving{gate: server.NewGate(holdRequests), url: config.Reachable(ln.Addr().String())}
	s.http = server.HTTP(s.gate, logger(o))
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	s.fail = fail
	s.run("serve HTTP", func() error {
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	public := o.Config.BaseURL(ln.Addr().String())
	r, err := openFilled(ctx, o, lock, public)
	if err != nil {
		err = errors.Join(err, s.http.Close())
		s.parts.Wait()
		return err
	}
	if r.budget.soft > 0 {
		debug.SetMemoryLimit(r.budget.soft)
	}
	if err := s.start(ctx, o, r); err == nil {
		if started != nil {
			said := Started{
				URL: s.url, AnonKey: r.secrets.AnonKey(), Public: public, Took: time.Since(begun), Users: r.users(ctx), Model: r.modelName(), Guest: r.guest,
			}
			if said.Users == 0 {
				said.Claim = claimLink(public, r.identity.FirstPass())
			}
			started(said)
		}
		<-ctx.Done()
	} else {
		fail(err)
	}
	return errors.Join(s.stop(r), s.failure(ctx))
}

// openFilled is open, and fills the data folder when it is for a demo.
func openFilled(ctx context.Context, o Options, lock *store.Lock, public string) (*rooms, error) {
	if !o.Demo {
		return open(ctx, o, lock, public)
	}
	clock := &demo.Clock{}
	o.Now = clock.Now
	r, err := open(ctx, o, lock, public)
	if err != nil {
		return nil, err
	}
	r.guest.Password = rand.Text()
	u, err := demo.Fill(ctx, demo.Rooms{DB: r.db, Team: r.team, Identity: r.identity, Clock: clock}, r.guest.Password)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	pass, err := r.identity.IssuePass(ctx, u.Email)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.guest.Email, r.guest.Link = u.Email, claimLink(public, pass)
	return r, nil
}

// serving is the running server.
type serving struct {
	url     string
	gate    *server.Gate
	http    *http.Server
	fail    context.CancelCauseFunc
	parts   sync.WaitGroup
	workers sync.WaitGroup
	quiet   context.CancelFunc // ends the registry's watch and the mails
	idle    context.CancelFunc // ends the workers
}

// partError is a part that ended by itself.
type partError struct {
	what string
	err  error
}

func (p partError) Error() string { return p.what + ": " + p.err.Error() }
func (p partError) Unwrap() error { return p.err }

// failure is why the server stopped, when nobody asked it to.
func (s *serving) failure(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// run runs a part; when it fails, everything stops.
func (s *serving) run(what string, fn func() error) {
	s.parts.Go(func() {
		if err := fn(); err != nil {
			s.fail(partError{what, err})
		}
	})
}

// start begins everything behind the gate and opens it.
func (s *serving) start(ctx context.Context, o Options, r *rooms) error {
	if err := r.workers.Adopt(ctx); err != nil { // before the first request is answered
		return err
	}
	if err := r.sweepDeleted(ctx); err != nil {
		return err
	}
	// The parts outlive ctx: they are stopped one after the other.
	var quiet, idle context.Context
	quiet, s.quiet = context.WithCancel(context.WithoutCancel(ctx))
	idle, s.idle = context.WithCancel(context.WithoutCancel(ctx))
	if r.catalog != nil {
		s.run("fetch catalog", func() error { r.catalog.First(quiet); return nil })
	}
	s.run("keep accounts", func() error { return r.identity.Run(quiet) })
	s.workers.Go(func() {
		if err := r.workers.Run(idle); err != nil {
			s.fail(partError{"run jobs", err})
		}
	})
	s.gate.Open(routes(o, r, ctx.Done()))
	// Whoever waited for the port is answered first, also by one slow processor.
	s.run("watch tmates", func() error { pause(quiet, answerTime); return r.registry.Run(quiet) })
	s.run("index messages", func() error { pause(quiet, answerTime); r.db.KeepIndexed(quiet); return nil })
	s.run("tidy files", func() error { r.tidyFiles(quiet); return nil })
	s.run("release memory", func() error { release(quiet); return nil })
	return r.lock.Announce(s.url)
}

// stop ends the parts one after the other: jobs, while people still see their
// replies and the port still answers; sockets; requests; and what is left.
func (s *serving) stop(r *rooms) error {
	if s.idle != nil { // start came so far
		s.idle()
		s.workers.Wait()
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainSockets)
	defer cancel()
	if err := r.hub.Close(ctx); err != nil { // a peer that does not answer is left alone, not an error
		r.log.Debug("sockets did not close in time", "err", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), drainHTTP)
	defer cancel()
	errHTTP := s.http.Shutdown(ctx)
	if errors.Is(errHTTP, context.DeadlineExceeded) { // a request that never ends is cut, not an error
		errHTTP = s.http.Close()
	}
	if s.quiet != nil {
		s.quiet()
	}
	s.parts.Wait()
	return errors.Join(errHTTP, r.close())
}

func logger(o Options) *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// routes mounts every contract. stopping is closed when the server is told to
// stop.
func routes(o Options, r *rooms, stopping <-chan struct{}) http.Handler {
	auth := gotrue.New(gotrue.Options{
		Identity: r.identity, Version: o.Version, Origins: o.Config.CORSOrigins, Requests: max(r.budget.requests/4, 1), Log: r.log,
	})
	e := server.New(server.Options{
		Contracts: []server.Contract{
			{Prefix: gotrue.Prefix, WriteError: auth.WriteError, OwnCORS: true},
			{WriteError: v1.WriteError},
		},
		TrustedProxies: o.Config.TrustedProxies, CORSOrigins: o.Config.CORSOrigins, Log: r.log,
	})
	auth.Mount(e)
	v1.Mount(e, v1.Options{
		Team: r.team, Door: door{identity: r.identity, team: r.team, db: r.db, log: r.log, public: r.public, about: v1.Instance{
			Version: o.Version, Demo: o.Demo, Mail: o.Config.SMTP.Host != "",
		}}, Hub: r.hub, HoldPoll: o.Config.Chat.HoldPoll, Stopping: stopping, Log: r.log, Now: o.Now,
		ViewKey: r.viewKey(), MaxUpload: o.Config.Files.MaxUpload, Requests: r.budget.requests, LargeReads: r.budget.largeReads,
		Authenticate: caller(r.identity.Authenticate), Recheck: caller(r.identity.Recheck),
		BaseURL: r.public, Writable: r.db.Writable,
		Internal: v1.Internal{Secret: o.Config.Internal.Secret.Reveal(), Peers: o.Config.Internal.Peers},
	})
	r.commands.Mount(e, r.secrets.InternalSecret())
	if err := ui.Mount(e, web.App()); err != nil {
		panic(err) // the app is part of the program, so a test would have seen it
	}
	if o.Config.Docs {
		docs.Mount(e, web.Docs())
	}
	e.GET("/.well-known/tmates-client.json", r.clientSettings)
	return e
}

// caller takes from a login what the API needs of it.
func caller(who func(context.Context, string) (identity.Login, error)) func(context.Context, string) (userID, sessionID string, err error) {
	return func(ctx context.Context, token string) (userID, sessionID string, err error) {
		login, err := who(ctx, token)
		return login.User.ID, login.SessionID, err
	}
}

// clientSettings tells a client all it needs to log in; none of it is secret.
func (r *rooms) clientSettings(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, map[string]string{
		"supabase_url": r.public, "supabase_anon_key": r.secrets.AnonKey(), "api_base_url": r.public + "/v1",
	})
}
