package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"recbot/bot/council"
	"recbot/bot/web"
	"recbot/store"
)

var importCommand = subcommand{
	name: "import",
	args: "FILE",
	line: "bring the meetings of a YAML file in, and tell the followers what changed",
	flags: func(f *flags) {
		f.set.Bool("dry-run", false, "only say what would change")
		f.set.String("silent", "", "tell no followers, for this reason; who asked to be told of an agenda is told")
	},
	run: importMeetings,
}

// importMeetings reads the file and hands it to the running bot, or to the store itself.
func importMeetings(ctx context.Context, c *invocation) error {
	if len(c.args) == 0 {
		return usagef("import: which file? for example: recbot import council.yaml --dry-run")
	}
	if c.command.given["silent"] && strings.TrimSpace(c.command.str("silent")) == "" {
		return usagef("--silent: give a reason, for example --silent 'spelling of names'")
	}
	content, err := os.ReadFile(c.args[0])
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	dry, silent := c.command.yes("dry-run"), c.command.str("silent")
	report, err := c.importContent(ctx, content, dry, silent)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.args[0], err)
	}
	fmt.Fprint(c.out, report)
	if strings.Contains(report, conflictWord) {
		return errors.New("some meetings are in conflict and were left as they are")
	}
	return nil
}

func (c *invocation) importContent(ctx context.Context, content []byte, dry bool, silent string) (string, error) {
	if dry && c.noStoreYet() {
		// Nothing is to be left behind; an empty store that goes away again tells the same.
		folder, err := os.MkdirTemp("", "recbot-import-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(folder)
		c.Data = folder
	}
	backend, err := openBackend(c.Config, c.logger(c.streams))
	if errors.Is(err, store.ErrLocked) {
		// A running bot has the file: it does the import itself.
		return web.Dial(filepath.Join(c.Data, web.SocketName)).Import(ctx, bytes.NewReader(content), dry, silent)
	}
	if err != nil {
		return "", err
	}
	defer backend.Close()
	catalogue, err := loadCatalogue(c.Config)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s := store.New(testOnlyBackend(backend), c.now)
	if err := s.Open(ctx); err != nil {
		return "", err
	}
	return importInto(ctx, s, catalogue, bytes.NewReader(content), dry, silent)
}

// importFile is an import into the running bot.
func (a *app) importFile(ctx context.Context, file io.Reader, dry bool, silent string) (string, error) {
	if !a.state.opened.Load() {
		return "", errors.New("the bot is starting; try again in a moment")
	}
	report, err := importInto(ctx, a.store, a.catalogue, file, dry, silent)
	a.runner.Wake()
	return report, err
}

func importInto(ctx context.Context, s *store.Store, known *council.Catalogue, file io.Reader, dry bool, silent string) (string, error) {
	parsed, err := council.ParseMeetings(file, known)
	if err != nil {
		return "", fmt.Errorf("nothing was brought in:\n%w", err)
	}
	report, err := s.Import(ctx, parsed.Meetings, store.ImportOptions{DryRun: dry, Silent: silent})
	if err != nil {
		return "", err
	}
	return describeImport(report, dry), nil
}

// conflictWord begins the lines of meetings that were not applied.
const conflictWord = "conflict "

// describeImport writes a report as lines: one per meeting that is not unchanged, then the sum.
func describeImport(r store.ImportReport, dry bool) string {
	var b strings.Builder
	for _, group := range []struct {
		word string
		ids  []store.MeetingID
	}{{"added   ", r.Added}, {"changed ", r.Changed}, {"updated ", r.Updated}, {"ignored ", r.Ignored}} {
		for _, id := range group.ids {
			fmt.Fprintf(&b, "%s %s\n", group.word, id)
		}
	}
	for _, c := range r.Conflicts {
		fmt.Fprintf(&b, "%s %s: %s\n", conflictWord, c.ID, c.Reason)
	}
	done := ""
	if dry {
		done = "would be: "
	}
	fmt.Fprintf(&b, "%sadded %d, changed %d, updated %d, unchanged %d, ignored %d, conflicts %d\n",
		done, len(r.Added), len(r.Changed), len(r.Updated), len(r.Unchanged), len(r.Ignored), len(r.Conflicts))
	return b.String()
}
