package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
)

// TestQuestionsOfPast holds the reader to the rule that the next meeting is no answer to what was asked of another one.
func TestQuestionsOfPast(t *testing.T) {
	t.Parallel()
	q, err := newQuestions(council.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, text string
		want       bot.Question // Lang is not compared
	}{
		{"the next one", "when is the next meeting?", bot.Question{Intent: "next_meeting"}},
		{"the last one", "when was the last meeting?", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"a list of what is over", "past meetings", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"one by its number in Russian", "когда было первое заседание", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"with another ending", "что в повестке второго заседания", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"Uzbek", "oxirgi yig'ilish qachon bo'lgan?", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"Uzbek in Cyrillic letters", "охирги йиғилиш қачон бўлган", bot.Question{Intent: "list_meetings", Topic: "past"}},
		{"one by its name", "when was the First Meeting of the Regional Expert Council?", bot.Question{Intent: "meeting_when", Meeting: "rec-1"}},
		{"a group by its number is a group", "what does the second group do", bot.Question{Intent: "group_about", Body: "wg-b"}},
		{"what lies ahead in Russian", "когда следующее заседание", bot.Question{Intent: "next_meeting"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := q.read(tc.text)
			got.Lang = ""
			if diff := cmp.Diff(tc.want, got); !ok || diff != "" {
				t.Errorf("%q (understood: %v): -want +got\n%s", tc.text, ok, diff)
			}
		})
	}
}
