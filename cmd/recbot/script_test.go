package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A .chat file is a conversation that the bot must be able to have. The left column speaks, the rest of the line is what
// is said or done; lines that begin with blanks continue it. docs/HACKING.md describes every word of the left column.

// step is one entry of a script.
type step struct {
	line  int      // of the file, from 1
	raw   []string // as written, with comments and blank lines that follow
	verb  string   // at, person, given, meeting, bot, edit, toast, to, says, block ... ("says" = a person speaks)
	who   string
	rest  string   // of the first line
	want  []string // of what the bot should say, line by line
	fixed []string // what -update writes instead of raw; nil = keep
}

// verbs are the words of the left column that are no person's name.
var verbs = []string{"at", "person", "given", "meeting", "bot", "edit", "toast", "to", "block", "unblock", "crash", "restart", "silence", "store", "group", "menu", "fault", "edited"}

// parseScript splits a script into its steps.
func parseScript(text string) ([]*step, error) {
	var steps []*step
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		bare := strings.TrimRight(stripComment(line), " \t")
		switch {
		case bare == "" && len(steps) == 0:
			steps = append(steps, &step{line: i + 1, raw: []string{line}, verb: "#"})
		case bare == "":
			last := steps[len(steps)-1]
			last.raw = append(last.raw, line)
		case line[0] == ' ' || line[0] == '\t':
			last := steps[len(steps)-1]
			if last.verb == "#" || trailing(last.raw) > 0 {
				return nil, fmt.Errorf("line %d: a continued line has nothing to continue", i+1)
			}
			last.raw = append(last.raw, line)
			last.want = append(last.want, strings.TrimSpace(bare))
		default:
			steps = append(steps, newStep(i+1, line, bare))
		}
	}
	return steps, nil
}

func newStep(n int, line, bare string) *step {
	word, rest, _ := strings.Cut(bare, " ")
	s := &step{line: n, raw: []string{line}, verb: word, rest: strings.TrimSpace(rest)}
	if !slices.Contains(verbs, word) {
		s.verb, s.who = "says", word
	}
	if slices.Contains([]string{"to", "person", "given", "block", "unblock", "group", "menu", "fault", "edited"}, s.verb) {
		s.who, s.rest, _ = strings.Cut(s.rest, " ")
		s.rest = strings.TrimSpace(s.rest)
	}
	if s.rest != "" {
		s.want = []string{s.rest}
	}
	return s
}

// stripComment drops what stands behind a # that begins the line or follows two blanks.
func stripComment(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return ""
	}
	before, _, _ := strings.Cut(line, "  #")
	return before
}

// trailing counts the comments and blank lines at the end of a step.
func trailing(raw []string) int {
	n := 0
	for _, line := range slices.Backward(raw) {
		if strings.TrimSpace(stripComment(line)) != "" {
			break
		}
		n++
	}
	return n
}

// expects tells whether the step says what the bot should do.
func (s *step) expects() bool {
	return slices.Contains([]string{"bot", "edit", "edited", "toast", "to"}, s.verb)
}

// rewrite makes -update write other lines for an expectation.
func (s *step) rewrite(got []string) {
	head := s.verb
	if s.verb == "to" || s.verb == "edited" {
		head = s.verb + " " + s.who
	}
	s.fixed = layout(head, got)
}

// layout writes a left column and its lines.
func layout(head string, lines []string) []string {
	out := make([]string, 0, len(lines))
	for i, line := range lines {
		if i > 0 {
			head = ""
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("%-9s %s", head, line), " "))
	}
	return out
}

// matches tells whether what was got is what was wanted; … stands for any text, also over several lines.
func matches(want, got []string) bool {
	pattern := regexp.QuoteMeta(strings.Join(want, "\n"))
	pattern = strings.ReplaceAll(pattern, "…", `(?s:.*?)`)
	return regexp.MustCompile(`\A` + pattern + `\z`).MatchString(strings.Join(got, "\n"))
}

// instants are how scripts write a time; seconds only where it needs them.
var instants = []string{"Mon 2006-01-02 15:04", "Mon 2006-01-02 15:04:05"}

// parseInstant reads "Mon 2027-03-01 18:00" in the council's zone; a wrong weekday is a mistake of the script.
func parseInstant(s string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(instants[0], s, zone)
	if err != nil {
		t, err = time.ParseInLocation(instants[1], s, zone)
	}
	if err != nil {
		return t, fmt.Errorf("%q is not like Mon 2027-03-01 18:00", s)
	}
	if !strings.HasPrefix(s, t.Format("Mon")) {
		return t, fmt.Errorf("%s is a %s", t.Format("2006-01-02"), t.Format("Mon"))
	}
	return t, nil
}

// writeInstant is the opposite of parseInstant.
func writeInstant(t time.Time) string {
	if t.Second() == 0 {
		return t.Format(instants[0])
	}
	return t.Format(instants[1])
}

func TestParseScript(t *testing.T) {
	t.Parallel()
	steps, err := parseScript("# head\n\nat        Mon 2027-03-01 18:00   # Tashkent\ndilnoza   /start\nbot       one\n          two\n          [x] [y]\n\nto aigul  three …\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, fmt.Sprintf("%d %s %s %q %d", s.line, s.verb, s.who, s.want, len(s.raw)))
	}
	want := []string{
		`1 #  [] 2`,
		`3 at  ["Mon 2027-03-01 18:00"] 1`,
		`4 says dilnoza ["/start"] 1`,
		`5 bot  ["one" "two" "[x] [y]"] 4`,
		`9 to aigul ["three …"] 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		want, got string
		ok        bool
	}{
		{"the same", "a\nb", "a\nb", true},
		{"dots for the rest of a line", "a…\nc", "abc\nc", true},
		{"dots for several lines", "a\n…", "a\nb\nc", true},
		{"a missing line", "a", "a\nb", false},
		{"signs of regular expressions are plain", "a.c (x)", "abc (x)", false},
	} {
		if got := matches(strings.Split(tc.want, "\n"), strings.Split(tc.got, "\n")); got != tc.ok {
			t.Errorf("%s: %q against %q gives %v", tc.name, tc.want, tc.got, got)
		}
	}
}

// writeScript writes a script back with what -update changed.
func writeScript(path string, steps []*step) error {
	var b strings.Builder
	for _, s := range steps {
		lines := s.raw
		if s.fixed != nil {
			lines = append(slices.Clone(s.fixed), s.raw[len(s.raw)-trailing(s.raw):]...)
		}
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
