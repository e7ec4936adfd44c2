package config

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Config is everything an operator can set. Values made by [Load] are within
// the bounds of the rules table; the fields name their keys.
type Config struct {
	Listen         string              `koanf:"listen"`          // host:port
	PublicURL      string              `koanf:"public_url"`      // no trailing slash; empty: see BaseURL
	Data           string              `koanf:"data"`            // absolute once loaded
	TrustedProxies []netip.Prefix      `koanf:"trusted_proxies"` // peers whose X-Forwarded-For counts
	CORSOrigins    []string            `koanf:"cors_origins"`    // as a browser spells them, or only "*"; empty: CORS is off
	Docs           bool                `koanf:"docs"`            // whether /docs and /redoc are served
	Provider       string              `koanf:"provider"`        // see DefaultProvider
	Fallbacks      []string            `koanf:"fallbacks"`       // names of providers, asked in order when the default fails
	Log            Log                 `koanf:"log"`
	Server         Server              `koanf:"server"`
	Store          Store               `koanf:"store"`
	Auth           Auth                `koanf:"auth"`
	SMTP           SMTP                `koanf:"smtp"`
	Queue          Queue               `koanf:"queue"`
	Turn           Turn                `koanf:"turn"`
	Chat           Chat                `koanf:"chat"`
	Sockets        Sockets             `koanf:"sockets"`
	Tmates         Tmates              `koanf:"tmates"`
	Internal       Internal            `koanf:"internal"`
	Billing        Billing             `koanf:"billing"`
	Usage          Usage               `koanf:"usage"`
	Files          Files               `koanf:"files"`
	Catalog        Catalog             `koanf:"catalog"`
	Providers      map[string]Provider `koanf:"providers"`

	file    string   // the file that was read; empty: none
	origins []Origin // masked
	fromEnv string   // the provider that variables of others made or changed, the first of them; empty: none
}

// Log says what is logged on standard error.
type Log struct {
	Level  string `koanf:"level"`  // "debug", "info", "warn" or "error"
	Format string `koanf:"format"` // "text" or "json"
}

// SlogLevel returns Level as log/slog knows it; an unknown level is info.
func (l Log) SlogLevel() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// Server bounds what is done at a time.
type Server struct {
	Requests int `koanf:"requests"` // worked on at a time; 0: by the memory there is
}

// Store tunes the database.
type Store struct {
	Synchronous string `koanf:"synchronous"` // "full" or "normal"
	Readers     int    `koanf:"readers"`     // read connections; 0: by the number of processors
	Batch       int    `koanf:"batch"`       // writes that share a commit, at most
}

// Auth holds the numbers of logins, sessions and passwords.
type Auth struct {
	AccessTokenTTL     time.Duration `koanf:"access_token_ttl"`
	RefreshInactivity  time.Duration `koanf:"refresh_inactivity"` // at most RefreshLifetime
	RefreshLifetime    time.Duration `koanf:"refresh_lifetime"`
	RefreshReuseWindow time.Duration `koanf:"refresh_reuse_window"`
	SessionsPerUser    int           `koanf:"sessions_per_user"`
	CodeTTL            time.Duration `koanf:"code_ttl"`
	CodeDigits         int           `koanf:"code_digits"`
	CodeGuesses        int           `koanf:"code_guesses"`
	CodeResend         time.Duration `koanf:"code_resend"`
	MailsPerHour       int           `koanf:"mails_per_hour"` // of the whole server
	Signup             bool          `koanf:"signup"`
	ConfirmEmail       bool          `koanf:"confirm_email"`
	HideAccounts       bool          `koanf:"hide_accounts"`
	PasswordMin        int           `koanf:"password_min"`  // characters
	Hashes             int           `koanf:"hashes"`        // at a time; 0: chosen from the machine's memory
	RedirectURLs       []string      `koanf:"redirect_urls"` // patterns: ** is any text, * any without . / : ? # and @
}

// What SMTP.TLS may be. TLSNone is accepted for loopback hosts only.
const (
	TLSStart    = "starttls"
	TLSImplicit = "tls"
	TLSNone     = "none"
)

// SMTP is the mail server that sends codes. Without a Host codes are shown on
// the console.
type SMTP struct {
	Host     string `koanf:"host"`
	Port     int    `koanf:"port"`     // 0: the usual one for TLS
	Username string `koanf:"username"` // set together with Password, or neither
	Password Secret `koanf:"password"`
	From     string `koanf:"from"` // an RFC 5322 address; set whenever Host is
	TLS      string `koanf:"tls"`  // TLSStart, TLSImplicit or TLSNone
}

// Queue tunes the background jobs.
type Queue struct {
	Workers           int           `koanf:"workers"`
	MaxAttempts       int           `koanf:"max_attempts"`         // the first one included
	Grace             time.Duration `koanf:"grace"`                // for running jobs when the server stops
	ActiveJobsPerUser int           `koanf:"active_jobs_per_user"` // 0 or less: no limit
}

// Turn bounds one answer of one tmate.
type Turn struct {
	Timeout  time.Duration `koanf:"timeout"`
	MaxSteps int           `koanf:"max_steps"` // brain calls
}

// Chat tunes the conversation routes.
type Chat struct {
	HoldPoll          time.Duration `koanf:"hold_poll"`           // 0: answer at once
	MessagesPerMinute int           `koanf:"messages_per_minute"` // of one person; 0: no limit
	Hops              int           `koanf:"hops"`                // hand-overs for one message in Team Chat; 0: none
}

// Sockets bounds the open WebSockets.
type Sockets struct {
	Max     int `koanf:"max"`      // of the whole server
	PerUser int `koanf:"per_user"` // of one person
}

// Tmates chooses what the registry serves.
type Tmates struct {
	Installed []string `koanf:"installed"` // keys, in order, each once; empty: every tmate there is
}

// Internal opens the routes for workers outside the process.
type Internal struct {
	Secret Secret         `koanf:"secret"` // what they show as a bearer token; empty: the routes are off
	Peers  []netip.Prefix `koanf:"peers"`  // from where; set whenever Secret is
}

// Billing says what organisations may use. Nobody takes payments.
type Billing struct {
	Enforce     bool     `koanf:"enforce"`
	DefaultPlan string   `koanf:"default_plan"` // key of a plan
	Limits      []string `koanf:"limits"`       // as tmates.ParseOverride reads them, each limit of a plan once
}

// Usage says what models cost and how much of them a tmate may use. 0 is no
// limit.
type Usage struct {
	Rates         []string `koanf:"rates"` // as tmates.ParseRate reads them
	Currency      string   `koanf:"currency"`
	TokensPerTurn int      `koanf:"tokens_per_turn"`
	TokensPerDay  int      `koanf:"tokens_per_day"` // of one tmate in one organisation
	CostPerDay    float64  `koanf:"cost_per_day"`   // the same, in Currency
}

// Files says what people may upload. Sizes are bytes.
type Files struct {
	MaxUpload  int64    `koanf:"max_upload"`
	Quota      int64    `koanf:"quota"`       // of one person; 0: no limit
	Allow      []string `koanf:"allow"`       // categories, media types, or kinds such as "audio/*"
	ImagesOnly bool     `koanf:"images_only"` // whatever Allow says
	ViewSecret Secret   `koanf:"view_secret"` // signs links; empty: the key of the data folder
}

// Catalog says where tmates that others publish come from.
type Catalog struct {
	Enabled bool   `koanf:"enabled"` // false: off, whatever the URL
	URL     string `koanf:"url"`     // of the index, or the absolute path of a file; empty: off
	Channel string `koanf:"channel"` // "prod" or "dev"
}

// On reports whether there is a catalog.
func (c Catalog) On() bool { return c.Enabled && c.URL != "" }

// BaseURL returns the address under which people reach the server, without a
// trailing slash: PublicURL, else plain HTTP at bound, the host:port the
// listener reports. An empty bound means Listen. A host that means "every
// interface" becomes 127.0.0.1, which is no link for other machines.
func (c *Config) BaseURL(bound string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	if bound == "" {
		bound = c.Listen
	}
	return Reachable(bound)
}

// Reachable returns the address under which a listener at bound is reached from
// this machine. A host that means "every interface" becomes 127.0.0.1.
func Reachable(bound string) string {
	host, port, err := net.SplitHostPort(bound)
	if err != nil {
		return "http://" + bound
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// File returns the path of the file that was read, or "" when there was none.
func (c *Config) File() string { return c.file }

// Origins lists every key, sorted, with its effective value and the layer it
// came from. Secrets are masked.
func (c *Config) Origins() []Origin { return slices.Clone(c.origins) }

// Origin says where one value came from.
type Origin struct {
	Key   string `json:"key"`
	Value string `json:"value"` // as one would write it; secrets masked
	Layer string `json:"layer"` // "default", "file tmates.yaml:12", "env TMATES_LISTEN" or "flag --listen"
}
