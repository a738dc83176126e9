package dispatch

import (
	"strings"
	"testing"

	"recbot/bot"
	"recbot/store"
)

func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		what string
		want []string
	}{
		{"a command", "/agenda", []string{"5 Agenda/ru"}},
		{"a command with arguments", "/agenda rec-1", []string{"5 Agenda/ru"}},
		{"another name of a command", "/programme", []string{"5 Agenda/ru"}},
		{"a command that there is not", "/nonsense", []string{"5 Unknown/ru"}},
		{"a command that is not for this person is like one that there is not", "/announce", []string{"5 Unknown/ru"}},
		{"a command for another bot", "/agenda@other", []string{"5 Unknown/ru"}},
		{"a question", "ask agenda", []string{"5 Agenda/ru"}},
		{"a question in another language is answered in that", "ask agenda in uz-Cyrl", []string{"5 Agenda/uz-Cyrl"}},
		{"one that can be read in two ways", "ask agenda or closed in uz", []string{"5 Which/uz"}},
		{"with all that belongs to the answer", "ask twice in uz", []string{"5 One/uz", "5 Two/uz"}},
		{"also when it is refused", "ask closed in uz", []string{"5 RefuseThis/uz"}},
		{"what answers no question speaks its language too, where that is plain", "ask nonsense in uz", []string{"5 Fallback/uz"}},
		{"a question whose command is not for this person", "ask announce", []string{"5 Fallback/ru"}},
		{"a question that nobody answers", "ask nonsense", []string{"5 Fallback/ru"}},
		{"a text", "hello", []string{"5 Fallback/ru"}},
		{"a text that is just short enough", strings.Repeat("ў", 1000), []string{"5 Fallback/ru"}},
		{"a text that is too long", strings.Repeat("ў", 1001), []string{"5 TooLong/ru"}},
		{"a command that is too long", "/agenda " + strings.Repeat("x", 1000), []string{"5 TooLong/ru"}},
		{"a button with its parts", "[ag:rec-1:2]", []string{"toast Done/ru", "5 edit 50 Echo rec-1+2/ru"}},
		{"a button of a command without a handler of its own for buttons", "[fo:rec:1]", []string{"toast", "5 Follow/ru"}},
		{"a button that there is not any more", "[zz:1]", []string{"toast ToastOldList/ru", "5 edit 50 Fresh/ru"}},
		{"a button without data", "[]", []string{"toast ToastOldList/ru", "5 edit 50 Fresh/ru"}},
		{"a button that is not for this person", "[an:1]", []string{"toast ToastOldList/ru", "5 edit 50 Fresh/ru"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, nil, func(b *bench) { b.types(5, tc.what, tc.want...) })
		})
	}
}

func TestOrganizersHaveTheirCommands(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(1, "/announce", "1 Announce/ru") // 1 is an owner
		b.types(1, "ask announce", "1 Announce/ru")
	})
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		u := b.from(5, "")
		u.Kind = bot.UpdateOther
		b.handle(u)
		b.want("5 Unreadable/ru")
	})
}

func TestInTheMiddleOfAFlow(t *testing.T) {
	t.Parallel()
	const ask = "5 WhichCity/ru [ButtonCancel]"
	for _, tc := range []struct {
		name string
		what string
		want []string
	}{
		{"the answer goes to the flow", "Dushanbe", []string{"5 ZoneSet/ru"}},
		{"a command is answered, with a way back", "/agenda", []string{"5 Agenda/ru [FlowContinue]"}},
		{"a command that there is not, too", "/nonsense", []string{"5 Unknown/ru [FlowContinue]"}},
		{"a question is answered, with a way back", "ask agenda", []string{"5 Agenda/ru [FlowContinue]"}},
		{"what is neither answer nor question is the flow's", "xyz", []string{"5 NoSuchCity/ru"}},
		{"a text that is too long is no answer", "Dushanbe" + strings.Repeat("x", 1000), []string{"5 TooLong/ru [FlowContinue]"}},
		{"another button works and leaves the flow open", "[fo:rec:1]", []string{"toast", "5 Follow/ru"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, nil, func(b *bench) {
				b.types(5, "/zone", ask)
				b.types(5, tc.what, tc.want...)
				if tc.want[0] != "5 ZoneSet/ru" {
					b.types(5, "Dushanbe", "5 ZoneSet/ru")
				}
			})
		})
	}
}

func TestFlowButtonsGoToTheFlow(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "/zone", "5 WhichCity/ru [ButtonCancel]")
		b.handle(b.from(5, "[fl:tz:-:cancel]"))
		got := strings.Join(b.heard(), "\n")
		if !strings.HasPrefix(got, "toast") || strings.Contains(got, "Fresh") {
			t.Errorf("cancelling says %q", got)
		}
		b.types(5, "Dushanbe", "5 Fallback/ru")
	})
}

func TestTwoCommandsOfOneName(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]bot.Command{
		"name": {Name: "a"}, "alias": {Name: "b", Aliases: []string{"a"}}, "button": {Name: "b", Buttons: []string{"x"}}, "intent": {Name: "b", Intents: []string{"y"}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("two commands with one %s are taken", name)
				}
			}()
			newTable([]bot.Command{{Name: "a", Buttons: []string{"x"}, Intents: []string{"y"}}, second})
		}()
	}
}

func TestFindNeedsTheRole(t *testing.T) {
	t.Parallel()
	in := map[string]bot.Command{"x": {For: store.Organizer}, "y": {}}
	for _, tc := range []struct {
		key  string
		role store.Role
		want bool
	}{
		{"x", "", false}, {"x", store.Coordinator, false}, {"x", store.Organizer, true}, {"x", store.Owner, true},
		{"y", "", true}, {"z", store.Owner, false},
	} {
		if _, got := find(in, tc.key, store.Person{Role: tc.role}); got != tc.want {
			t.Errorf("find %q for role %q: %t", tc.key, tc.role, got)
		}
	}
}
