package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asking runs `recbot ask` and gives its exit code and what it wrote.
func asking(t *testing.T, in string, args ...string) (code int, out, told string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append([]string{"ask"}, args...), nil, streams{in: strings.NewReader(in), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestAskAnswersAReader(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		args []string
		want []string
	}{
		{"in the language of the question", []string{"кейинги йиғилиш қачон?", "--now", "2024-11-20"}, []string{"27 ноябрь", "\n[Кун тартиби]"}},
		{"a date alone, in a Russian case", []string{"5 марта"}, []string{"Таких заседаний не нашлось", "[Предстоящие]"}},
		{"a date alone, in the language that was chosen", []string{"5 марта", "--language", "uz-Cyrl"}, []string{"Бундай йиғилишлар топилмади"}},
		{"a day of the council's zone", []string{"--now", "2024-05-10", "when is the next meeting"}, []string{"14 May 2024"}},
		{"and why, for who teaches it", []string{"--explain", "--now", "2024-11-20", "agenda of the second meeting"}, []string{"Agenda", "language: en", "meeting_agenda", "rec-2"}},
		{"a command, in the language that was chosen", []string{"/help", "--language", "ru"}, []string{"/meetings – "}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			code, out, told := asking(t, "", tc.args...)
			for _, words := range tc.want {
				if code != exitGood || !strings.Contains(out, words) {
					t.Errorf("exit %d, %q is not in the answer:\n%s%s", code, words, out, told)
				}
			}
			if strings.Contains(out, "<b>") || strings.Contains(out, "&") {
				t.Errorf("not plain text:\n%s", out)
			}
		})
	}
}

func TestAskAnswersLines(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		`{"id":"past","now":"2024-05-10T09:00:00+05:00","text":"when is the next meeting?"}`,
		`no json`,
		``,
		`{"id":7,"now":"2026-11-22T10:00:00+05:00","text":"когда следующее заседание?"}`,
		`{"id":"x","text":"when?","now":"soon"}`,
		`{"id":"y","text":"when?","language":"tr"}`,
		`{"id":"z","text":"  "}`,
		`{"id":"back","now":"2024-11-20T10:00:00+05:00","text":"what does group b do"}`,
	}, "\n")
	code, out, told := asking(t, in)
	if want := []string{"line 2:", "line 5:", "line 6:", "line 7:"}; code != exitFailed || !containsAll(told, want) {
		t.Errorf("exit %d, want %d and word of %q:\n%s", code, exitFailed, want, told)
	}
	var got []map[string]any
	for line := range strings.Lines(out) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if fields["text"] == "" {
			t.Errorf("%v: no text", fields["id"])
		}
		delete(fields, "text")
		delete(fields, "meeting") // TestQuestions looks at what is understood
		got = append(got, fields)
	}
	want := []map[string]any{
		{"id": "past", "intent": "next_meeting", "group": nil, "topic": nil, "answered": true, "language": "en"},
		{"id": 7.0, "intent": "next_meeting", "group": nil, "topic": nil, "answered": true, "language": "ru"},
		{"id": "back", "intent": "group_about", "group": "b", "topic": nil, "answered": true, "language": "en"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAskRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		args []string
	}{
		{"a time that is none", []string{"when?", "--now", "tomorrow"}},
		{"a language that it does not speak", []string{"when?", "--language", "tr"}},
		{"reasons for many questions", []string{"--explain", "-"}},
		{"words without quotation marks", []string{"when", "is"}},
	} {
		if code, _, told := asking(t, "", tc.args...); code != exitUsage || told == "" {
			t.Errorf("%s: exit %d, want %d; told %q", tc.name, code, exitUsage, told)
		}
	}
}

func containsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}
