package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"recbot/store"
)

var askCommand = subcommand{
	name: "ask",
	args: "QUESTION",
	line: "answer a question as the chat would; without one, those on stdin, a JSON object a line",
	flags: func(f *flags) {
		f.set.String("now", "", "when it is asked: 2026-12-01T09:00:00+05:00, 2026-12-01 09:00 or 2026-12-01 (default: now)")
		f.set.Bool("explain", false, "also say why the question was understood so; for one question")
		f.set.String("language", "", "the language that the person has chosen: en, ru, uz or uz-Cyrl (default: none yet)")
	},
	run: ask,
}

// fromStdin is the word for standard input in place of a question.
const fromStdin = "-"

// ask answers the question of the command line for a reader, or those of standard input for a program.
func ask(ctx context.Context, c *invocation) error {
	question := strings.TrimSpace(strings.Join(c.args, " "))
	lines := question == "" || question == fromStdin
	if lines && len(c.args) == 0 && terminal(c.in) {
		return usagef("ask: what? for example: recbot ask 'When is the next meeting?'")
	}
	if lines && c.command.yes("explain") {
		return usagef("--explain: give the question as an argument; lines on stdin are not explained")
	}
	standard, err := c.askedAs()
	if err != nil {
		return err
	}
	a, err := newAsker(ctx, c)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	defer a.close()
	if lines {
		return a.answerLines(ctx, c.streams, standard)
	}
	standard.text = question
	said, err := a.answer(ctx, standard)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	fmt.Fprintln(c.out, said.forReader())
	if !c.command.yes("explain") {
		return nil
	}
	why, err := a.app.explain(ctx, question, store.Newcomer(store.PersonID(a.people), said.lang, standard.now), standard.now)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	fmt.Fprintln(c.out, "\n"+strings.Join(why, "\n"))
	return nil
}

// terminal tells whether somebody sits at the other end, who would wait for us as we wait for them.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// asked is a question with the circumstances in which it is put.
type asked struct {
	text string
	now  time.Time
	lang store.Lang // the one that the person has chosen; "" = none yet
}

// askedAs reads the flags: how everything is asked whose line does not say otherwise.
func (c *invocation) askedAs() (asked, error) {
	standard := asked{now: c.now()}
	var err error
	if word := c.command.str("now"); word != "" {
		if standard.now, err = c.moment(word); err != nil {
			return standard, usagef("--now: %v", err)
		}
	}
	if standard.lang, err = languageOf(c.command.str("language")); err != nil {
		return standard, usagef("--language: %v", err)
	}
	return standard, nil
}

// moment reads an instant; without an offset it is one of the council's zone.
func (c *invocation) moment(word string) (time.Time, error) {
	zone, err := store.LoadZone(c.Timezone)
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, word, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write it like 2026-12-01T09:00:00+05:00", word)
}

// languageOf reads the code of a language; "" is none.
func languageOf(code string) (store.Lang, error) {
	for _, l := range append(store.Langs[:len(store.Langs):len(store.Langs)], "") {
		if strings.EqualFold(code, string(l)) {
			return l, nil
		}
	}
	return "", fmt.Errorf("%q is not a language of the bot; it speaks en, ru, uz and uz-Cyrl", code)
}

// question is a line of standard input.
type question struct {
	ID       json.RawMessage `json:"id"` // whatever it is, it is given back
	Now      string          `json:"now"`
	Text     string          `json:"text"`
	Language string          `json:"language"`
}

// errLines means that some lines were no questions. The others were answered.
var errLines = errors.New("some lines were not answered, see above")

// longestLine bounds a line of standard input, in bytes. A text that a chat takes has at most 4096 characters.
const longestLine = 1 << 20

// answerLines answers one line after another, each by itself: what one sets does not last until the next. A line that is
// no question is told of on stderr with its number, and the others go on; the error is errLines then.
func (a *asker) answerLines(ctx context.Context, std streams, standard asked) error {
	in, bad := bufio.NewScanner(std.in), false
	in.Buffer(nil, longestLine)
	for n := 1; in.Scan(); n++ {
		line := bytes.TrimSpace(in.Bytes())
		if len(line) == 0 {
			continue
		}
		out, err := a.answerLine(ctx, line, standard)
		if err != nil {
			fmt.Fprintf(std.err, "recbot: ask: line %d: %v\n", n, err)
			bad = true
			continue
		}
		if _, err := std.out.Write(append(out, '\n')); err != nil {
			return fmt.Errorf("ask: %w", err)
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("ask: reading the questions: %w", err)
	}
	if bad {
		return errLines
	}
	return nil
}

// answerLine answers a line with one.
func (a *asker) answerLine(ctx context.Context, line []byte, standard asked) ([]byte, error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil || q.ID == nil || strings.TrimSpace(q.Text) == "" {
		return nil, errors.New(`not a question; write it like {"id":"1","now":"2026-12-01T09:00:00+05:00","text":"When is the next meeting?"}`)
	}
	put, err := standard, error(nil)
	put.text = q.Text
	if q.Now != "" {
		if put.now, err = a.c.moment(q.Now); err != nil {
			return nil, err
		}
	}
	if q.Language != "" {
		if put.lang, err = languageOf(q.Language); err != nil {
			return nil, err
		}
	}
	said, err := a.answer(ctx, put)
	if err != nil {
		return nil, err
	}
	return a.line(q.ID, said)
}

// line writes an answer for a program. Slots that are empty are null.
func (a *asker) line(id json.RawMessage, said spoken) ([]byte, error) {
	letter := ""
	if b, ok := a.app.catalogue.Body(said.heard.Body); ok {
		letter = b.Letter
	}
	var b bytes.Buffer
	write := json.NewEncoder(&b)
	write.SetEscapeHTML(false) // the text is to be read, by people too
	err := write.Encode(struct {
		ID       json.RawMessage `json:"id"`
		Intent   string          `json:"intent"`
		Meeting  *string         `json:"meeting"`
		Group    *string         `json:"group"`
		Topic    *string         `json:"topic"`
		Answered bool            `json:"answered"`
		Text     string          `json:"text"`
		Language store.Lang      `json:"language"`
	}{id, said.intent(), orNull(string(said.heard.Meeting)), orNull(letter), orNull(said.heard.Topic), !said.lacks, said.text(), said.language()})
	return bytes.TrimSpace(b.Bytes()), err
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
