package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/sim"
	"recbot/bot/web"
)

// outcome is what a command left on its streams.
type outcome struct {
	code     int
	out, err string
}

// command runs a command line in this process. Nothing of the environment is seen but environ.
func command(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, environ, streams{in: strings.NewReader(""), out: &out, err: &errs})
	return outcome{code, out.String(), errs.String()}
}

// lines splits what was written, without the last line's end.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// write makes a file of the test.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMistakesOfTheCommandLine holds what recbot says of wrong words and settings. All of it is exit 2, on stderr.
func TestMistakesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	token := "TELEGRAM_BOT_TOKEN=" + sim.Token
	broken := write(t, "council.yaml", "schema: 1\ntimezone: Mars/Phobos\n")
	for _, tc := range []struct {
		name    string
		environ []string
		args    string
		want    []string
	}{
		{"a word that is no command", nil, "sevre", []string{`recbot: "sevre" is not a command of recbot; recbot -h lists them`}},
		{"a token instead of a command is not repeated", nil, sim.Token, []string{`recbot: "(a token)" is not a command of recbot; recbot -h lists them`}},
		{"a word too many", []string{token}, "serve now", []string{`recbot: "now" is one word too many; usage: recbot serve`}},
		{"a token as a word is not repeated", nil, "serve " + sim.Token, []string{`recbot: "(a token)" is one word too many; usage: recbot serve`}},
		{"a second file", nil, "import a.yaml b.yaml", []string{`recbot: "b.yaml" is one word too many; usage: recbot import FILE`}},
		{"no file", nil, "import --dry-run", []string{"recbot: import: which file? for example: recbot import council.yaml --dry-run"}},
		{"silence without a reason", nil, "import a.yaml --silent=", []string{"recbot: --silent: give a reason, for example --silent 'spelling of names'"}},
		{"a flag that is none", nil, "serve --toke=1", []string{"recbot: --toke is not a flag here; recbot serve -h shows every flag"}},
		{"a flag without its value", nil, "serve --data", []string{"recbot: flag needs an argument: -data; recbot serve -h shows every flag"}},
		{"a flag of another command", nil, "serve --dry-run", []string{"recbot: --dry-run is not a flag here; recbot serve -h shows every flag"}},
		{"no token", nil, "serve", []string{"recbot: TELEGRAM_BOT_TOKEN: not set; @BotFather gives you a token"}},
		{"an empty token is none", []string{"TELEGRAM_BOT_TOKEN="}, "serve", []string{"recbot: TELEGRAM_BOT_TOKEN: not set; @BotFather gives you a token"}},
		{"something else as the token", []string{"TELEGRAM_BOT_TOKEN=@recbot"}, "serve",
			[]string{"recbot: TELEGRAM_BOT_TOKEN: this is not a bot token; it looks like 123456789:AAE..."}},
		{"a token and a file", []string{token, "TELEGRAM_BOT_TOKEN_FILE=/nowhere"}, "serve",
			[]string{"recbot: TELEGRAM_BOT_TOKEN_FILE: set either this or TELEGRAM_BOT_TOKEN, not both"}},
		{"a file that is not there", []string{"TELEGRAM_BOT_TOKEN_FILE=/nowhere/token"}, "serve",
			[]string{"recbot: TELEGRAM_BOT_TOKEN_FILE: the file cannot be read: open /nowhere/token: no such file or directory"}},
		{"an empty file", []string{"TELEGRAM_BOT_TOKEN_FILE=" + write(t, "token", "\n")}, "serve",
			[]string{"recbot: TELEGRAM_BOT_TOKEN_FILE: not set; @BotFather gives you a token"}},
		{"names that are nearly ours", []string{token, "REDIS_URI=redis://:hunter2@db", "REDIS_ADDR=db:6379", "TELEGRAM_TOKEN=1:a", "RECBOT_OWNER=5"}, "serve", []string{
			"recbot: RECBOT_OWNER: no such setting; recbot serve -h lists all",
			"recbot: REDIS_ADDR: recbot does not read this; did you mean REDIS_URL?",
			"recbot: REDIS_URI: recbot does not read this; did you mean REDIS_URL?",
			"recbot: TELEGRAM_TOKEN: recbot does not read this; did you mean TELEGRAM_BOT_TOKEN?",
		}},
		{"every setting wrong at once", []string{
			"TELEGRAM_API_URL=telegram", "REDIS_URL=http://:hunter2@db", "REDIS_MODE=sharded", "REDIS_WAIT=all", "RECBOT_OWNERS=5,me,-7", "RECBOT_COUNCIL=/nowhere.yaml",
			"RECBOT_TIMEZONE=Tashkent", "RECBOT_LISTEN=8080", "RECBOT_BULK_RATE=fast", "RECBOT_LOG=xml",
			"RECBOT_PUBLIC_URL=https://me:hunter2@bot.example", "RECBOT_WEBHOOK=yes", "RECBOT_WEBHOOK_SECRET=hunter2!",
		}, "serve", []string{
			`recbot: TELEGRAM_API_URL: "telegram" is not an http address; the default is https://api.telegram.org`,
			"recbot: REDIS_URL: not a redis:// or rediss:// address",
			`recbot: REDIS_MODE: "sharded" is not known; this version knows standalone, sentinel, cluster`,
			`recbot: REDIS_WAIT: "all" is not a number of replicas from 0 to 5`,
			`recbot: RECBOT_OWNERS: "me" is not a Telegram user id; @userinfobot tells yours`,
			`recbot: RECBOT_OWNERS: "-7" is not a Telegram user id; @userinfobot tells yours`,
			"recbot: RECBOT_COUNCIL: the catalogue cannot be read: stat /nowhere.yaml: no such file or directory",
			`recbot: RECBOT_TIMEZONE: "Tashkent" is not a time zone; write it like Asia/Tashkent`,
			`recbot: RECBOT_LISTEN: "8080" is not an address; write it like 127.0.0.1:8080 or :8080`,
			"recbot: RECBOT_PUBLIC_URL: not a plain https:// address; write it like https://bot.example.org",
			`recbot: RECBOT_WEBHOOK: "yes" is neither true nor false`,
			"recbot: RECBOT_WEBHOOK_SECRET: 1 to 256 of A-Z a-z 0-9 _ and -, nothing else; unset it and one is derived from the token",
			`recbot: RECBOT_BULK_RATE: "fast" is not a number from 1 to 1000`,
			`recbot: RECBOT_LOG: "xml" is neither text nor json`,
			"recbot: TELEGRAM_BOT_TOKEN: not set; @BotFather gives you a token",
		}},
		{"a webhook without an address", []string{token, "RECBOT_WEBHOOK=true"}, "serve",
			[]string{"recbot: RECBOT_WEBHOOK: needs RECBOT_PUBLIC_URL, the https address under which the outside reaches RECBOT_LISTEN"}},
		{"a webhook at plain http", []string{token, "RECBOT_WEBHOOK=true", "RECBOT_PUBLIC_URL=http://bot.example"}, "serve",
			[]string{"recbot: RECBOT_PUBLIC_URL: not a plain https:// address; write it like https://bot.example.org"}},
		{"a webhook at a port that Telegram does not go to", []string{token, "RECBOT_WEBHOOK=true", "RECBOT_PUBLIC_URL=https://bot.example:8080"}, "serve",
			[]string{"recbot: RECBOT_PUBLIC_URL: Telegram brings updates to the ports 443, 80, 88 and 8443 only"}},
		{"the same mistakes stop check", []string{"RECBOT_LOG=xml", "RECBOT_BULK_RATE=0"}, "check", []string{
			`recbot: RECBOT_BULK_RATE: "0" is not a number from 1 to 1000`,
			`recbot: RECBOT_LOG: "xml" is neither text nor json`,
		}},
		{"a catalogue with mistakes, each with its place", []string{token, "RECBOT_COUNCIL=" + broken}, "serve", []string{
			`recbot: RECBOT_COUNCIL: council.yaml:1:1: field "sources" is missing`,
			`recbot: RECBOT_COUNCIL: council.yaml:1:1: field "council" is missing`,
			`recbot: RECBOT_COUNCIL: council.yaml:1:1: field "bodies" is missing`,
			`recbot: RECBOT_COUNCIL: council.yaml:2:11: "Mars/Phobos" is no time zone; write it like Asia/Tashkent`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			environ := append([]string{"RECBOT_DATA=" + t.TempDir()}, tc.environ...)
			got := command(t, environ, strings.Fields(tc.args)...)
			if got.code != exitUsage || got.out != "" {
				t.Errorf("exit code %d, and on stdout: %q", got.code, got.out)
			}
			if diff := cmp.Diff(tc.want, lines(got.err)); diff != "" {
				t.Errorf("on stderr (-want +got):\n%s", diff)
			}
			for _, secret := range []string{"hunter2", sim.Token} {
				if strings.Contains(got.err, secret) {
					t.Errorf("a secret is shown: %s", got.err)
				}
			}
		})
	}
}

func TestSettingsComeFromFlagsFirst(t *testing.T) {
	t.Parallel()
	file := write(t, "token", "123:fromfile\n")
	for _, tc := range []struct {
		name    string
		environ []string
		args    string
		want    Config
	}{
		{"nothing but the token", []string{"TELEGRAM_BOT_TOKEN=1:a"}, "",
			Config{Token: "1:a", API: "https://api.telegram.org", Mode: "standalone", Data: "./data", Timezone: "Asia/Tashkent", Listen: "127.0.0.1:8080", BulkRate: 25}},
		{"the token of a file", []string{"TELEGRAM_BOT_TOKEN_FILE=" + file}, "",
			Config{Token: "123:fromfile", API: "https://api.telegram.org", Mode: "standalone", Data: "./data", Timezone: "Asia/Tashkent", Listen: "127.0.0.1:8080", BulkRate: 25}},
		{"flags win over variables", []string{"TELEGRAM_BOT_TOKEN=1:a", "RECBOT_DATA=/env", "RECBOT_LOG=text", "REDIS_URL=redis://env"},
			"--data /flag -log=json --redis-url redis://flag --owners 5,6 --timezone=Asia/Almaty --telegram-api-url http://local/ --listen :9 --bulk-rate 3.5",
			Config{Token: "1:a", API: "http://local", Redis: "redis://flag", Mode: "standalone", Data: "/flag", Timezone: "Asia/Almaty", Listen: ":9", BulkRate: 3.5, LogJSON: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseFlags(serveCommand, strings.Fields(tc.args), tc.environ)
			if err != nil {
				t.Fatal(err)
			}
			got, mistakes := f.config(serveCommand.needs)
			if strings.Contains(tc.args, "--owners") && len(got.Owners) != 2 {
				t.Errorf("owners %v", got.Owners)
			}
			got.Owners = nil
			if diff := cmp.Diff(tc.want, got); diff != "" || len(mistakes) > 0 {
				t.Errorf("mistakes %q, settings (-want +got):\n%s", mistakes, diff)
			}
		})
	}
}

// TestFlagsStandAnywhere puts flags before, behind and around the argument of import.
func TestFlagsStandAnywhere(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"--dry-run --silent why f.yaml", "f.yaml --dry-run --silent why", "--dry-run f.yaml --silent=why"} {
		f, err := parseFlags(importCommand, strings.Fields(args), nil)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if !f.yes("dry-run") || f.str("silent") != "why" || len(f.args) != 1 || f.args[0] != "f.yaml" {
			t.Errorf("%s is read as dry-run %v, silent %q, arguments %q", args, f.yes("dry-run"), f.str("silent"), f.args)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"-h", "--help", "help"} {
		got := command(t, nil, word)
		for _, c := range subcommands() {
			if !strings.Contains(got.out, c.name) || !strings.Contains(got.out, c.line) {
				t.Errorf("recbot %s does not tell of %s", word, c.name)
			}
		}
		if got.code != exitGood || got.err != "" {
			t.Errorf("recbot %s: exit code %d, on stderr: %s", word, got.code, got.err)
		}
	}
	if got := command(t, nil); got.code != exitUsage || !strings.Contains(got.err, "recbot: say what to do, for example: recbot demo") {
		t.Errorf("recbot alone: exit code %d: %s", got.code, got.err)
	}
	// Help must not mind that everything is wrong.
	got := command(t, []string{"RECBOT_LOG=xml", "REDIS_URI=x"}, "serve", "-h")
	for _, s := range settings {
		if !strings.Contains(got.out, s.variable) || !strings.Contains(got.out, "--"+s.flag) || !strings.Contains(got.out, s.help) {
			t.Errorf("recbot serve -h does not show %s", s.variable)
		}
	}
	if got.code != exitGood || got.err != "" {
		t.Errorf("recbot serve -h: exit code %d, on stderr: %s", got.code, got.err)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := command(t, []string{"RECBOT_LOG=xml"}, "version")
	if got.code != exitGood || got.err != "" || !strings.HasPrefix(got.out, "recbot ") || len(lines(got.out)) != 1 {
		t.Errorf("recbot version: %+v", got)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	serving := func(checks ...web.Check) string {
		s := httptest.NewServer(web.New(web.Options{Checks: checks}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	ill := web.Check{Name: "store", Run: func(context.Context) error { return http.ErrServerClosed }}
	nobody := httptest.NewServer(nil)
	free := strings.TrimPrefix(nobody.URL, "http://")
	nobody.Close()
	for _, tc := range []struct {
		name, listen string
		code         int
		out, err     string
	}{
		{"a bot that is ready", serving(), exitGood, "ready\n", ""},
		{"one that listens everywhere is asked at home", ":" + strings.Split(serving(), ":")[1], exitGood, "ready\n", ""},
		{"a bot that is not", serving(ill), exitFailed, "", "recbot: not ready: store: http: Server closed\n"},
		{"no bot", free, exitFailed, "", "recbot: no recbot answers at " + free + "; is `recbot serve` running with the same RECBOT_LISTEN?\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			want := outcome{tc.code, tc.out, tc.err}
			if diff := cmp.Diff(want, command(t, []string{"RECBOT_LISTEN=" + tc.listen}, "health"), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
