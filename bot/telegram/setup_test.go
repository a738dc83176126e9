package telegram

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

func TestSetCommandsOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	items := []bot.MenuItem{{Command: "agenda", Description: "Agenda"}}
	wire := &recorder{answers: map[string][]string{"getMyCommands": {
		`{"ok":true,"result":[{"command":"agenda","description":"Agenda"}]}`,
		`{"ok":true,"result":[{"command":"agenda","description":"Old"}]}`,
		`{"ok":true,"result":[{"command":"agenda","description":"Old"}]}`,
	}}}
	err := newClient(t, wire).SetCommands(t.Context(), []CommandSet{
		{Items: items}, {Lang: "uz", Items: items}, {Scope: ScopeGroups}, {Scope: ScopeChat, Chat: 5, Items: items},
	})
	if err != nil {
		t.Fatal(err)
	}
	const menu, all, groups, chat = `[{"command":"agenda","description":"Agenda"}]`, `{"type":"all_private_chats"}`, `{"type":"all_group_chats"}`, `{"type":"chat","chat_id":5}`
	want := []heard{
		{"getMyCommands", map[string]string{"scope": all}},
		{"getMyCommands", map[string]string{"scope": all, "language_code": "uz"}},
		{"setMyCommands", map[string]string{"scope": all, "language_code": "uz", "commands": menu}},
		{"getMyCommands", map[string]string{"scope": groups}},
		{"deleteMyCommands", map[string]string{"scope": groups}},
		{"getMyCommands", map[string]string{"scope": chat}},
		{"setMyCommands", map[string]string{"scope": chat, "commands": menu}},
	}
	if diff := cmp.Diff(want, wire.heard); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestSetProfilesOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	wire := &recorder{answers: map[string][]string{
		"getMyName":             {`{"ok":true,"result":{"name":"REC"}}`},
		"getMyShortDescription": {`{"ok":true,"result":{"short_description":""}}`},
		"getMyDescription":      {`{"ok":true,"result":{"description":"old"}}`},
	}}
	err := newClient(t, wire).SetProfiles(t.Context(), []Profile{{Lang: "ru", Name: "REC", Short: "s", Description: "d"}, {Lang: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []heard{
		{"getMyName", map[string]string{"language_code": "ru"}},
		{"getMyShortDescription", map[string]string{"language_code": "ru"}},
		{"setMyShortDescription", map[string]string{"language_code": "ru", "short_description": "s"}},
		{"getMyDescription", map[string]string{"language_code": "ru"}},
		{"setMyDescription", map[string]string{"language_code": "ru", "description": "d"}},
	}
	if diff := cmp.Diff(want, wire.heard); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestSetupOutlastsFloodsAndTellsRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &recorder{answers: map[string][]string{
			"getMyCommands": {`{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":3600}}`, `{"ok":true,"result":[]}`},
			"setMyCommands": {no(400, "Bad Request: BOT_COMMAND_INVALID"), `{"ok":true,"result":true}`},
		}}
		items := []bot.MenuItem{{Command: "agenda", Description: "Agenda"}}
		err := newClient(t, wire).SetCommands(t.Context(), []CommandSet{{Lang: "xx", Items: items}, {Items: items}})
		if err == nil || !strings.Contains(err.Error(), "BOT_COMMAND_INVALID") {
			t.Errorf("error %v, want the refusal", err)
		}
		if n := len(wire.heard); n != 5 {
			t.Errorf("%d requests, want 5: the second menu is set although the first was refused", n)
		}
	})
}
