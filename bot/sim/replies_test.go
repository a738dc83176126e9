package sim

import "testing"

func TestReplies(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	must(t, s.Say(dilnoza, "is there parking?"))
	history := s.History(dilnoza)
	question := history[len(history)-1].Message
	send := func(params string) string {
		return verdict(ask(t, s, "sendMessage", `{"chat_id":11,"text":"x",`+params+`}`))
	}
	to := func(id int, rest string) string {
		return `"reply_parameters":{"message_id":` + itoa(id) + rest + `}`
	}
	const missing = "400 Bad Request: message to be replied not found"
	for _, tc := range []struct{ name, params, want string }{
		{"to a message that is there", to(question, ""), "200"},
		{"to one that never was", to(9999, ""), missing},
		{"to one that never was, or without", to(9999, `,"allow_sending_without_reply":true`), "200"},
		{"to no message", `"reply_parameters":{}`, "400 Bad Request: can't parse reply parameters JSON object"},
	} {
		if got := send(tc.params); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	all := s.Deliveries(0)
	if first, last := all[len(all)-2], all[len(all)-1]; first.Replies != question || last.Replies != 0 {
		t.Errorf("replies to %d and then to %d, want %d and nothing", first.Replies, last.Replies, question)
	}
	must(t, s.Unsay(dilnoza, question))
	if got := send(to(question, "")); got != missing {
		t.Errorf("to a deleted message: %s", got)
	}
	if err := s.Unsay(dilnoza, all[len(all)-1].Message); err == nil {
		t.Error("a person deleted a message of the bot as if it were theirs")
	}
}

func TestReplyShowsWhatItRepliesTo(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}}`)
	history := s.History(dilnoza)
	card := history[len(history)-1].Message
	must(t, s.Reply(dilnoza, card, "yes"))
	all := updates(t, s, "0")
	m := all[len(all)-1]["message"].(map[string]any)
	to, _ := m["reply_to_message"].(map[string]any)
	if to == nil || to["message_id"] != float64(card) || to["reply_markup"] == nil || m["text"] != "yes" {
		t.Errorf("the update is %v", m)
	}
}
