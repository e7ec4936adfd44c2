package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/composite"
	"github.com/tmates/tmates/agents/brains/rules"
	"github.com/tmates/tmates/agents/catalog"
	"github.com/tmates/tmates/agents/dispatch"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/agents/tools"
	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/queue"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/hub"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/mail"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/server/token"
	v1 "github.com/tmates/tmates/server/v1"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/files/reading"
	"github.com/tmates/tmates/store/tmates"
)

// Options of [Open] and [Serve]. Config is required.
type Options struct {
	Config  *config.Config
	Version string
	Built   time.Time // when the program was built, or its source; zero when unknown
	Log     *slog.Logger
	Demo    bool      // the data is made up and goes when the server ends; clients say so
	Console io.Writer // for whoever sits at the machine: login codes when there is no mail; nil: nowhere
	Now     func() time.Time
	// ReadPDF is the command that reads the text of a PDF file: this very program,
	// in a process of its own. Empty: texts of PDF files are not read.
	ReadPDF []string
	// Model answers instead of the configured provider, and Trace sees each
	// statement the database runs; for tests.
	Model agents.Brain
	Trace func(query string)
}

// rooms is everything that stands on the data folder.
type rooms struct {
	cfg       *config.Config
	public    string // how clients reach the server
	budget    budget
	log       *slog.Logger
	lock      *store.Lock
	secrets   *token.Secrets
	hub       *hub.Hub
	db        *store.DB
	registry  *registry.Registry
	catalog   *catalog.Catalog // nil: there is none
	team      *team.Team
	identity  *identity.Service
	workers   *queue.Workers
	commands  *control.Commands
	files     *files.Store
	providers *providers.Set
}

// open builds the rooms under a lock that is held already. Nothing runs yet.
func open(ctx context.Context, o Options, lock *store.Lock, publicURL string) (r *rooms, err error) {
	cfg := o.Config
	r = &rooms{cfg: cfg, public: publicURL, lock: lock, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}
	r.budget = budgetOf(cfg.Server.Requests, cfg.Auth.Hashes, os.DirFS("/"))
	now := o.Now
	if now == nil {
		now = time.Now
	}
	began := now()
	if o.Built.After(began) { // keys made by a clock in the past would be expired once it is right
		began = o.Built
	}
	if lostSecrets(cfg.Data) {
		r.log.Warn("the keys of this server were missing and are made anew: everybody has to log in again, and clients need the new `tmates env`")
	}
	if r.secrets, err = token.Load(cfg.Data, began); err != nil {
		return nil, err
	}
	r.hub = hub.New(hub.Options{
		Encode: v1.Encode, CheckOrigin: checkOrigin(cfg.CORSOrigins), Log: r.log,
		MaxSockets: cfg.Sockets.Max, MaxPerUser: cfg.Sockets.PerUser,
	})
	r.db, err = store.Open(ctx, store.Options{
		Dir: cfg.Data, Synchronous: cfg.Store.Synchronous, Readers: cfg.Store.Readers, CacheKiB: r.budget.cacheKiB, Batch: cfg.Store.Batch, Log: r.log, Now: o.Now, OnEmit: r.hub.Publish, Trace: o.Trace,
	})
	if err != nil {
		return nil, err
	}
	if err := r.tmates(o); err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	if err := r.people(ctx, o, publicURL); err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	r.commands = control.New(accounts{r.identity, r.team, r.db, publicURL}, crew{r.team, r.registry, r.catalog, r.db, r.providers}, r.team, services{r.providers})
	return r, nil
}

// lostSecrets reports whether a folder has a database but no keys any more.
func lostSecrets(dir string) bool {
	_, errDB := os.Stat(filepath.Join(dir, store.FileName))
	_, errKeys := os.Stat(filepath.Join(dir, token.FileName))
	return errDB == nil && errors.Is(errKeys, fs.ErrNotExist)
}

// tmates builds the tmates and what lets them work.
func (r *rooms) tmates(o Options) (err error) {
	cfg := r.cfg
	known := registry.Options{Dir: filepath.Join(cfg.Data, "tmates"), Installed: cfg.Tmates.Installed, Log: r.log}
	if err := r.offers(o); err != nil {
		return err
	}
	if r.catalog != nil {
		known.Catalog, known.CatalogSource = r.catalog.Tmates, r.catalog.Source
	}
	if r.registry, err = registry.New(known); err != nil {
		return fmt.Errorf("read tmates: %w", err)
	}
	if r.providers, err = r.services(o.Now); err != nil {
		return err
	}
	models := r.models(o)
	offline, err := rules.Compile("offline rules", []byte(offlineRules))
	if err != nil {
		return fmt.Errorf("compile offline rules: %w", err)
	}
	folder, err := files.New(cfg.Data)
	if err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	r.files = folder
	billing, err := billingOf(cfg.Billing)
	if err != nil {
		return err
	}
	spending, err := spendingOf(cfg.Usage)
	if err != nil {
		return err
	}
	to := team.Options{
		DB: r.db, Registry: r.registry, Workshop: r.registry, Files: folder, Texts: reading.New(reading.Options{PDF: o.ReadPDF}), Log: r.log,
		Runner: &agents.Runner{
			Models: models, Offline: offline, Compose: r.compose, MaxSteps: cfg.Turn.MaxSteps, Timeout: cfg.Turn.Timeout,
			MaxTokens: int64(cfg.Usage.TokensPerTurn),
			Keep:      func(ctx context.Context, t agents.Turn, s agents.Summary) error { return r.team.KeepSummary(ctx, t, s) },
		},
		Tools:      func(s agents.Scope) []agents.Tool { return tools.All(r.team, s) },
		Queue:      lateQueue{&r.workers},
		Publish:    r.hub.Publish,
		Uploads:    team.Uploads{MaxSize: cfg.Files.MaxUpload, Quota: cfg.Files.Quota, Allow: cfg.Files.Allow, ImagesOnly: cfg.Files.ImagesOnly},
		ActiveJobs: none(cfg.Queue.ActiveJobsPerUser), MessagesPerMinute: cfg.Chat.MessagesPerMinute, Hops: cfg.Chat.Hops,
		Router:  dispatch.Router{Model: func() (agents.Model, bool) { return firstOf(models) }},
		Billing: billing, Spending: spending, Providers: r.providers,
	}
	if r.catalog != nil { // a nil pointer in an interface would look like a catalog
		to.Catalog = r.catalog
	}
	r.team = team.New(to)
	r.workers = queue.New(queue.Options{
		Storage: r.team, Handle: r.team.Work, Workers: cfg.Queue.Workers, MaxAttempts: cfg.Queue.MaxAttempts,
		Grace: none(cfg.Queue.Grace), Log: r.log, Now: o.Now,
	})
	return nil
}

// lateQueue stands for the workers in what is built before them.
type lateQueue struct{ workers **queue.Workers }

func (q lateQueue) Ready(userID string, inBackground bool) { (*q.workers).Ready(userID, inBackground) }
func (q lateQueue) Wake()                                  { (*q.workers).Wake() }
func (q lateQueue) Cancel(jobID string)                    { (*q.workers).Cancel(jobID) }
func (q lateQueue) Relay(jobID string) *queue.Relay        { return (*q.workers).Relay(jobID) }
func (q lateQueue) Seat(userID string) *queue.Seat         { return (*q.workers).Seat(userID) }

// offers opens the cached catalog, if there is to be one.
func (r *rooms) offers(o Options) (err error) {
	if !r.cfg.Catalog.On() {
		return nil
	}
	r.catalog, err = catalog.New(catalog.Options{
		Dir: filepath.Join(r.cfg.Data, "catalog"), URL: r.cfg.Catalog.URL, Channel: r.cfg.Catalog.Channel, Log: r.log, Now: o.Now,
		Changed: func() { r.registry.Reload() },
		Employed: func(ctx context.Context) (keys []string, err error) {
			err = r.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
				keys, err = tx.EmployedKeys(ctx)
				return err
			})
			return slices.DeleteFunc(keys, func(key string) bool { // a local tmate of that key is who is employed
				tm := r.registry.Get(key)
				return tm != nil && tm.Offer == nil
			}), err
		},
	})
	if err != nil {
		return fmt.Errorf("open catalog: %w", err)
	}
	return nil
}

// none writes "no limit" and "no grace", 0 or less in the configuration, as the
// rooms expect them: their 0 is the default.
func none[T int | time.Duration](v T) T {
	if v <= 0 {
		return -1
	}
	return v
}

// compose makes the brain of a tmate whose rules answer what they are sure of.
func (r *rooms) compose(rules, model agents.Brain, sure float64) agents.Brain {
	b := composite.New(rules, model, sure)
	b.OnFallback = func(t agents.Turn, err *agents.ProviderError) {
		r.log.Warn("rules answer in place of the model", "tmate", t.Tmate.Key, "thread", t.ThreadID, "job", t.JobID, "err", err)
	}
	return b
}

// offlineRules answer for a tmate that brings no rules while no model is
// connected.
const offlineRules = `
otherwise:
  say: >-
    I am {tmate}, and right now I cannot think: no model is connected to this server, and I have no offline rules of my own.
    Whoever runs the server can connect one: "tmates provider detect" finds a local model, "tmates provider add" connects any.
`

// firstOf returns the model that answers for a tmate without wishes; ok is false
// offline.
func firstOf(models func(*agents.Tmate) []agents.Model) (m agents.Model, ok bool) {
	all := models(&agents.Tmate{})
	if len(all) == 0 {
		return m, false
	}
	return all[0], true
}

// people builds the accounts.
func (r *rooms) people(ctx context.Context, o Options, publicURL string) (err error) {
	cfg := r.cfg
	io := identity.Options{
		DB: r.db, Secrets: r.secrets, PublicURL: publicURL, Policy: policy(cfg.Auth), SignUp: cfg.Auth.Signup,
		ConfirmEmail: cfg.Auth.ConfirmEmail, HideAccounts: cfg.Auth.HideAccounts, Provision: r.team.Provision, Found: r.team.Found,
		Depart: r.team.Depart, DeleteFiles: r.team.DeleteFiles, RedirectURLs: cfg.Auth.RedirectURLs,
		Log: r.log, Hashes: r.budget.hashes, Built: o.Built,
	}
	switch {
	case cfg.SMTP.Host != "":
		post, err := mail.New(mail.Options{
			Host: cfg.SMTP.Host, Port: cfg.SMTP.Port, Username: cfg.SMTP.Username, Password: cfg.SMTP.Password.Reveal(),
			From: cfg.SMTP.From, TLS: cfg.SMTP.TLS,
		})
		if err != nil {
			return fmt.Errorf("mail: %w", err)
		}
		io.Mail = func(ctx context.Context, to, subject, text string) error {
			return post.Send(ctx, mail.Message{To: to, Subject: subject, Text: text})
		}
	case o.Console != nil:
		io.Console = func(email, code string) {
			_, _ = fmt.Fprintf(o.Console, "login code for %s: %s\n", email, code)
		}
	}
	r.identity, err = identity.New(ctx, io)
	if err != nil {
		return fmt.Errorf("open accounts: %w", err)
	}
	return nil
}

// users counts the accounts, for the greeting at start.
func (r *rooms) users(ctx context.Context) (n int) {
	err := r.db.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		n, err = tx.CountUsers(ctx)
		return err
	})
	if err != nil {
		r.log.Warn("could not count the accounts", "err", err)
	}
	return n
}

// close gives the data folder back.
func (r *rooms) close() error {
	return errors.Join(r.providers.Close(), r.db.Close())
}

// Open builds the rooms for a command while no server runs, and returns its
// commands. When a server has the folder, the error says so and holder where it
// listens.
func Open(ctx context.Context, o Options) (c *control.Commands, closeAll func() error, holder store.Holder, err error) {
	lock, holder, err := store.AcquireLock(o.Config.Data)
	if err != nil {
		return nil, nil, holder, err
	}
	r, err := open(ctx, o, lock, o.Config.BaseURL(""))
	if err != nil {
		return nil, nil, holder, errors.Join(err, lock.Release())
	}
	return r.commands, func() error { return errors.Join(r.close(), lock.Release()) }, holder, nil
}

// InUse reports whether an error of [Open] or [Serve] means that another
// process has the data folder.
func InUse(err error) bool {
	e, ok := errors.AsType[*tmates.Error](err)
	return ok && e.Code == "data_in_use"
}
