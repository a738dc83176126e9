package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"recbot/store"
	"recbot/store/redisstore"
)

// setting is one thing that can be configured, by a variable of the environment or by a flag.
type setting struct {
	variable string
	flag     string
	value    string // the default
	help     string
	secret   bool
}

// settings is the whole configuration. Others script against these names.
var settings = []setting{
	{"TELEGRAM_BOT_TOKEN", "telegram-bot-token", "", "the bot's token, from @BotFather", true},
	{"TELEGRAM_BOT_TOKEN_FILE", "telegram-bot-token-file", "", "a file that holds the token", false},
	{"TELEGRAM_API_URL", "telegram-api-url", "https://api.telegram.org", "Bot API server", false},
	{"REDIS_URL", "redis-url", "", "Redis, redis:// or rediss://, hosts comma-separated; unset = embedded store", true},
	{"REDIS_MODE", "redis-mode", "standalone", "how Redis is run: standalone, sentinel (REDIS_URL names sentinels, ?master=NAME) or cluster", false},
	{"REDIS_WAIT", "redis-wait", "0", "how many replicas of Redis must have a change before it counts as done, 0-5", false},
	{"RECBOT_DATA", "data", "./data", "folder of the embedded store", false},
	{"RECBOT_OWNERS", "owners", "", "Telegram user ids of the owners, comma-separated", false},
	{"RECBOT_COUNCIL", "council", "", "catalogue file (default: the embedded one)", false},
	{"RECBOT_TIMEZONE", "timezone", "Asia/Tashkent", "the council's time zone", false},
	{"RECBOT_LISTEN", "listen", "127.0.0.1:8080", "HTTP address for /healthz /readyz /metrics and the webhook", false},
	{"RECBOT_PUBLIC_URL", "public-url", "", "https address under which the outside reaches RECBOT_LISTEN", false},
	{"RECBOT_WEBHOOK", "webhook", "false", "true: Telegram brings updates to RECBOT_PUBLIC_URL instead of being asked for them", false},
	{"RECBOT_WEBHOOK_SECRET", "webhook-secret", "", "proves that Telegram brings them (default: derived from the token)", true},
	{"RECBOT_BULK_RATE", "bulk-rate", "25", "bulk messages per second, 1-1000", false},
	{"RECBOT_LOG", "log", "text", "text or json", false},
}

// slips are names that people write instead of ours; silently ignored, each would cost somebody an evening.
var slips = map[string]string{
	"REDIS_URI":              "REDIS_URL",
	"REDIS_ADDR":             "REDIS_URL",
	"REDIS_ADDRESS":          "REDIS_URL",
	"REDIS_HOST":             "REDIS_URL",
	"TELEGRAM_TOKEN":         "TELEGRAM_BOT_TOKEN",
	"TELEGRAM_BOT_API_TOKEN": "TELEGRAM_BOT_TOKEN",
	"TELEGRAM_API_TOKEN":     "TELEGRAM_BOT_TOKEN",
	"BOT_TOKEN":              "TELEGRAM_BOT_TOKEN",
	"TELEGRAM_API":           "TELEGRAM_API_URL",
	"TELEGRAM_BOT_API_URL":   "TELEGRAM_API_URL",
}

// needs says which settings a subcommand cannot do without.
type needs struct {
	token bool // a bot token
	quiet bool // settings other than its own flags are not even looked at
}

// Config is the configuration after checking.
type Config struct {
	Token     string
	API       string
	Redis     string // URL; "" = embedded store
	Mode      string
	RedisWait int // replicas
	Data      string
	Owners    []store.PersonID
	Council   string
	Timezone  string
	Listen    string
	BulkRate  float64
	LogJSON   bool

	PublicURL     string // without / at its end; "" = none
	Webhook       bool
	WebhookSecret string // "" = derived from the token
}

// config checks every setting and tells all mistakes at once, a line each.
func (f *flags) config(n needs) (Config, []string) {
	if n.quiet {
		return Config{}, nil
	}
	mistakes := f.strangers()
	wrong := func(s setting, format string, args ...any) {
		mistakes = append(mistakes, s.variable+": "+fmt.Sprintf(format, args...))
	}
	var c Config
	for _, s := range settings {
		c.set(s, f.values[s.variable], wrong)
	}
	mistakes = append(mistakes, c.webhookMistakes()...)
	mistakes = append(mistakes, c.checkRedis()...)
	mistakes = append(mistakes, c.chooseToken(f.values, n)...)
	return c, mistakes
}

// strangers finds variables that look meant for us and are not ours.
func (f *flags) strangers() []string {
	var lines []string
	for _, name := range f.foreign {
		if ours, ok := slips[name]; ok {
			lines = append(lines, fmt.Sprintf("%s: recbot does not read this; did you mean %s?", name, ours))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: no such setting; recbot serve -h lists all", name))
	}
	slices.Sort(lines)
	return lines
}

func (c *Config) set(s setting, v string, wrong func(setting, string, ...any)) {
	switch s.variable {
	case "TELEGRAM_API_URL":
		c.API = strings.TrimRight(v, "/")
		if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			wrong(s, "%q is not an http address; the default is %s", v, s.value)
		}
	case "REDIS_URL", "REDIS_MODE", "REDIS_WAIT":
		c.setRedis(s, v, wrong)
	case "RECBOT_DATA":
		c.Data = v
		if v == "" {
			wrong(s, "no folder given; the default is %s", s.value)
		}
	case "RECBOT_OWNERS":
		c.setOwners(s, v, wrong)
	case "RECBOT_COUNCIL":
		c.Council = v
		if _, err := os.Stat(v); v != "" && err != nil {
			wrong(s, "the catalogue cannot be read: %v", err)
		}
	case "RECBOT_TIMEZONE":
		c.Timezone = v
		if _, err := store.LoadZone(v); err != nil {
			wrong(s, "%q is not a time zone; write it like Asia/Tashkent", v)
		}
	case "RECBOT_LISTEN":
		c.Listen = v
		if _, port, err := net.SplitHostPort(v); err != nil || !validPort(port) {
			wrong(s, "%q is not an address; write it like 127.0.0.1:8080 or :8080", v)
		}
	case "RECBOT_PUBLIC_URL", "RECBOT_WEBHOOK", "RECBOT_WEBHOOK_SECRET":
		c.setWebhook(s, v, wrong)
	case "RECBOT_BULK_RATE":
		rate, err := strconv.ParseFloat(v, 64)
		c.BulkRate = rate
		if err != nil || !(rate >= 1 && rate <= 1000) {
			wrong(s, "%q is not a number from 1 to 1000", v)
		}
	case "RECBOT_LOG":
		c.LogJSON = v == "json"
		if v != "json" && v != "text" {
			wrong(s, "%q is neither text nor json", v)
		}
	}
}

func (c *Config) setRedis(s setting, v string, wrong func(setting, string, ...any)) {
	switch s.variable {
	case "REDIS_URL":
		c.Redis = v
		if v != "" && !isRedis(v) {
			wrong(s, "not a redis:// or rediss:// address") // the value may hold a password: not shown
		}
	case "REDIS_MODE":
		c.Mode = v
		if !slices.Contains(redisstore.Modes, v) {
			wrong(s, "%q is not known; this version knows %s", v, strings.Join(redisstore.Modes, ", "))
		}
	case "REDIS_WAIT":
		n, err := strconv.Atoi(v)
		c.RedisWait = n
		if err != nil || n < 0 || n > 5 {
			wrong(s, "%q is not a number of replicas from 0 to 5", v)
		}
	}
}

func isRedis(address string) bool {
	return strings.HasPrefix(address, "redis://") || strings.HasPrefix(address, "rediss://")
}

// checkRedis looks at whether address and mode fit each other, once each is right by itself. What it says quotes nothing of
// the address, which may hold a password.
func (c *Config) checkRedis() []string {
	if !isRedis(c.Redis) || !slices.Contains(redisstore.Modes, c.Mode) {
		return nil
	}
	if err := redisstore.Check(c.Redis, c.Mode); err != nil {
		return []string{"REDIS_URL: " + err.Error()}
	}
	return nil
}

func validPort(p string) bool {
	n, err := strconv.Atoi(p)
	return err == nil && n >= 0 && n <= 65535
}

func (c *Config) setOwners(s setting, v string, wrong func(setting, string, ...any)) {
	for _, word := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil || id <= 0 {
			wrong(s, "%q is not a Telegram user id; @userinfobot tells yours", word)
			continue
		}
		c.Owners = append(c.Owners, store.PersonID(id))
	}
}

// chooseToken takes the token from its variable or its file, and checks its form.
func (c *Config) chooseToken(values map[string]string, n needs) []string {
	token, file := values["TELEGRAM_BOT_TOKEN"], values["TELEGRAM_BOT_TOKEN_FILE"]
	if token != "" && file != "" {
		return []string{"TELEGRAM_BOT_TOKEN_FILE: set either this or TELEGRAM_BOT_TOKEN, not both"}
	}
	name := "TELEGRAM_BOT_TOKEN"
	if file != "" {
		name = "TELEGRAM_BOT_TOKEN_FILE"
		b, err := os.ReadFile(file)
		if err != nil {
			return []string{fmt.Sprintf("%s: the file cannot be read: %v", name, err)}
		}
		token = strings.TrimSpace(string(b))
	}
	c.Token = token
	switch {
	case token == "" && n.token:
		return []string{name + ": not set; @BotFather gives you a token"}
	case token != "" && !validToken(token):
		return []string{name + ": this is not a bot token; it looks like 123456789:AAE..."}
	}
	return nil
}

// validToken tells whether a token has the form id:secret.
func validToken(t string) bool {
	id, secret, ok := strings.Cut(t, ":")
	if _, err := strconv.ParseUint(id, 10, 64); err != nil || !ok || secret == "" {
		return false
	}
	return strings.IndexFunc(secret, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
}

// logger writes to stderr in the configured form.
func (c Config) logger(std streams) *slog.Logger {
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(std.err, nil))
	}
	return slog.New(slog.NewTextHandler(std.err, nil))
}
