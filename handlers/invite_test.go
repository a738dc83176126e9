package handlers_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// colleague gives somebody with a role.
func (s *stage) colleague(id store.PersonID, role store.Role) *talk {
	s.t.Helper()
	k := s.known(id, store.English)
	k.set(func(p *store.Person) { p.Role = role })
	return k
}

var startLink = regexp.MustCompile(`https://t\.me/recbot\?start=([A-Z0-9]{26})`)

// secretIn finds the secret in what somebody was told.
func secretIn(t *testing.T, said string) string {
	t.Helper()
	m := startLink.FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("no link in:\n%s", said)
	}
	return m[1]
}

func TestInviteEveryRole(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		by      store.Role
		presses []string
		want    store.Person
		says    string
	}{
		{"An owner makes an organizer", store.Owner, []string{"Organizer"}, store.Person{Role: store.Organizer}, "Invitation: organizer"},
		{"An owner makes a coordinator, who is a member too", store.Owner, []string{"Group coordinator", "fl:invite:body:wg-d"},
			store.Person{Role: store.Coordinator, MemberOf: []string{"wg-d"}, Coordinates: []string{"wg-d"}}, "Invitation: group coordinator, Working Group (d)"},
		{"An organizer makes a member", store.Organizer, []string{"Member of a group", "fl:invite:body:wg-b"},
			store.Person{Role: store.Delegate, MemberOf: []string{"wg-b"}}, "Invitation: delegate, Working Group (b)"},
		{"An organizer makes a delegate", store.Organizer, []string{"Delegate without a group"}, store.Person{Role: store.Delegate}, "Invitation: delegate"},
		{"Back to the first question", store.Organizer, []string{"Member of a group", "Back", "Delegate without a group"}, store.Person{Role: store.Delegate}, "Invitation: delegate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			giver, taker := s.colleague(1, tc.by), s.known(2, store.English)
			said := giver.says("/invite")
			for _, b := range tc.presses {
				if strings.HasPrefix(b, "fl:") {
					said = giver.pressesData(b)
				} else {
					said = giver.presses(b)
				}
			}
			hears(t, said, tc.says, "until 8 December 2026, 10:00")
			taken := taker.says("/start " + secretIn(t, said))
			hears(t, taken, "Your invitation is accepted.")
			p := taker.record()
			got := store.Person{Role: p.Role, MemberOf: p.MemberOf, Coordinates: p.Coordinates}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("person (-want +got):\n%s", diff)
			}
			if asked := strings.Contains(taken, "Under what name"); asked != p.Role.AtLeast(store.Coordinator) {
				t.Errorf("a %s was asked for a name: %t", p.Role, asked)
			}
		})
	}
}

// TestInviteRights asks at every press again whether the person may.
func TestInviteRights(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		now     store.Role // of who was an owner when the question was asked
		presses string
	}{
		{"An organizer makes no organizers", store.Organizer, "fl:invite:role:org"},
		{"An organizer makes no coordinators", store.Organizer, "fl:invite:role:coord"},
		{"A coordinator invites nobody", store.Coordinator, "fl:invite:role:del"},
		{"A delegate invites nobody", store.Delegate, "fl:invite:role:member"},
		{"A word that no button has", store.Owner, "fl:invite:role:owner"},
		{"A body that the catalogue does not know", store.Owner, "fl:invite:body:wg-z"},
		{"Typed words", store.Owner, "Organizer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			k := s.colleague(1, store.Owner)
			k.says("/invite")
			if strings.Contains(tc.presses, ":body:") {
				k.pressesData("fl:invite:role:member")
			}
			k.set(func(p *store.Person) { p.Role = tc.now })
			said := ""
			if strings.HasPrefix(tc.presses, "fl:") {
				said = k.pressesData(tc.presses)
			} else {
				said = k.says(tc.presses)
			}
			misses(t, said, "t.me")
			if unknown := strings.Contains(said, "I do not know this command"); unknown == tc.now.AtLeast(store.Organizer) {
				t.Errorf("a %s heard:\n%s", tc.now, said)
			}
			if open, err := s.store.OpenInvites(t.Context()); err != nil || len(open) > 0 {
				t.Errorf("made %v, %v", open, err)
			}
		})
	}
}

func TestInviteList(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	owner, organizer := s.colleague(1, store.Owner), s.colleague(2, store.Organizer)
	organizer.says("/invite")
	hears(t, organizer.presses("Open invitations"), "No invitations are open.")
	owner.says("/invite")
	owner.presses("Organizer")
	organizer.says("/invite")
	link := organizer.presses("Delegate without a group")
	hears(t, organizer.presses("Open invitations"), "1. delegate, until 8 December 2026, 10:00\n[Withdraw No. 1]")
	if organizer.last.Edit {
		t.Error("the list replaced the message with the link")
	}
	all := owner.pressesData("iv:ls")
	hears(t, all, "organizer, until", "delegate, until", "[Withdraw No. 1][Withdraw No. 2]")
	open, err := s.store.OpenInvites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[store.Role]string{}
	for _, i := range open {
		ids[i.Role] = i.ID
	}
	hears(t, organizer.pressesData("iv:wd:"+ids[store.Organizer]), "out of date", "1. delegate")
	hears(t, owner.pressesData("iv:wd:"+ids[store.Delegate]), "Withdrawn.", "1. organizer")
	hears(t, owner.pressesData("iv:wd:"+ids[store.Delegate]), "out of date", "1. organizer")
	hears(t, s.known(3, store.English).says("/start "+secretIn(t, link)), "not valid", "[Menu]")
	hears(t, organizer.presses("New invitation"), "Whom would you like to invite?")
	for range store.MaxInvites {
		organizer.says("/invite")
		organizer.pressesData("fl:invite:role:del")
	}
	organizer.says("/invite")
	hears(t, organizer.pressesData("fl:invite:role:del"), "You have 30 open invitations.")
	organizer.pressesData("iv:ls")
}

func TestNameForColleagues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, says, want string
		said             string
	}{
		{"A name", "Saodat  Karimova ", "Saodat Karimova", "Your colleagues see you as Saodat Karimova."},
		{"A name in other letters, with its signs", "О‘тайев-Қодиров Ж.", "О‘тайев-Қодиров Ж.", "see you as"},
		{"A question", "When is it?", "", "Please write only a name"},
		{"A number", "4711", "", "Please write only a name"},
		{"An address", "https://example.org", "", "Please write only a name"},
		{"A single letter", "S.", "", "Please write only a name"},
		{"More than anybody reads", strings.Repeat("a", 61), "", "Please write only a name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := newStage(t).colleague(1, store.Coordinator)
			k.says("/mydata")
			hears(t, k.presses("Name for colleagues"), "Under what name")
			hears(t, k.says(tc.says), tc.said)
			if got := k.record().Name; got != tc.want {
				t.Errorf("kept %q, want %q", got, tc.want)
			}
			if tc.want == "" {
				return
			}
			hears(t, k.says("/mydata"), "Name for colleagues: "+tc.want)
			misses(t, k.says("/mydata"), "no name")
			k.presses("Name for colleagues")
			hears(t, k.presses("Without a name"), "I keep no name of yours.")
			if got := k.record().Name; got != "" {
				t.Errorf("kept %q after it was taken back", got)
			}
		})
	}
}

// TestNoNameOfOthers puts the question to nobody whose name is not to be kept.
func TestNoNameOfOthers(t *testing.T) {
	t.Parallel()
	k := newStage(t).colleague(1, store.Organizer)
	misses(t, k.says("/mydata"), "Name for colleagues:")
	k.presses("Name for colleagues")
	k.set(func(p *store.Person) { p.Role = store.Delegate })
	hears(t, k.says("Saodat"), "I keep no name of yours.")
	if got := k.record().Name; got != "" {
		t.Errorf("kept %q of a delegate", got)
	}
	misses(t, k.says("/mydata"), "[Name for colleagues]")
	hears(t, k.pressesData("my:name"), "What I keep about you")
}

func TestTeam(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	owner := s.colleague(1, store.Owner)
	for id := store.PersonID(2); id <= 25; id++ {
		s.colleague(id, store.Organizer)
	}
	hears(t, owner.says("/team"), "1. No name, ID 1: owner of the bot\n2. No name, ID 2: organizer", "20. ", "[More ›]")
	misses(t, owner.says("/team"), "21. ", "No. 1]")
	hears(t, owner.presses("More ›"), "21. ", "25. No name, ID 25: organizer", "[‹ Back]")
	victim := s.colleague(30, store.Coordinator)
	victim.set(func(p *store.Person) {
		p.Name, p.MemberOf, p.Coordinates = "Saodat", []string{"wg-b"}, []string{"wg-b"}
	})
	if _, err := s.store.MakeInvite(t.Context(), store.Invite{Role: store.Delegate, By: 30, Expires: s.now.Add(time.Hour * 24)}, 0); err != nil {
		t.Fatal(err)
	}
	hears(t, owner.pressesData("tm:rm:30"), "Saodat: group coordinator, Working Group (b)", "[Yes, take it back]")
	late := data(owner.last)[0]
	owner.now = owner.now.Add(2 * time.Hour)
	hears(t, owner.pressesData(late), "Take the role back?")
	hears(t, owner.presses("Yes, take it back"), "Done. The role has been taken back.")
	p := victim.record()
	got := store.Person{Role: p.Role, Name: p.Name, MemberOf: p.MemberOf, Coordinates: p.Coordinates}
	if diff := cmp.Diff(store.Person{Role: store.Delegate, MemberOf: []string{"wg-b"}}, got); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	if open, err := s.store.OpenInvites(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("links of a former coordinator: %v, %v", open, err)
	}
	for _, tc := range []struct{ name, data string }{
		{"who has no role any more", "tm:rm:30"},
		{"an owner", "tm:rm:1"},
		{"somebody who is not there", "tm:rm:99"},
	} {
		hears(t, owner.pressesData(tc.data), "out of date", "Owners, organizers, coordinators")
	}
	letters := s.due()
	if len(letters) != 1 || letters[0].Audience.Person != 30 {
		t.Fatalf("letters: %+v", letters)
	}
	reply, _ := s.compose(letters[0], p)
	hears(t, s.read(p, reply), "Your role in this bot has changed. It is now: delegate.")
	if !reply.Menu {
		t.Error("the menu stays as it was")
	}
}

// TestOwnersAmongThemselves makes an organizer of an owner: of another one, who is not in the configuration, and once.
func TestOwnersAmongThemselves(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first, second := s.colleague(1, store.Owner), s.colleague(2, store.Owner)
	s.colleague(configuredOwner, store.Owner)
	said := first.says("/team")
	hears(t, said, "[Make an organizer: No. 2]", "owner of the bot (set in the configuration)")
	misses(t, said, "No. 1]", "No. 3]")
	hears(t, first.presses("Make an organizer: No. 2"), "Make an organizer of an owner?", "No name, ID 2: owner of the bot.")
	yes := data(first.last)[0]
	hears(t, first.pressesData(yes), "Done.", "2: organizer")
	hears(t, first.pressesData(yes), "out of date", "2: organizer")
	if p := second.record(); p.Role != store.Organizer {
		t.Errorf("the other owner is %q", p.Role)
	}
	if letters := s.due(); len(letters) != 1 || letters[0].Audience.Person != 2 {
		t.Errorf("letters: %+v, want one to the former owner", letters)
	}
	for _, data := range []string{"tm:rm:1", "tm:rm:900", strings.Replace(yes, ":2:", ":1:", 1), strings.Replace(yes, ":2:", ":900:", 1)} {
		hears(t, first.pressesData(data), "out of date")
	}
	if p := first.record(); p.Role != store.Owner {
		t.Errorf("who took a role is %q", p.Role)
	}
}

// due lists the jobs that wait.
func (s *stage) due() []store.Job {
	s.t.Helper()
	jobs, err := s.store.DueJobs(s.t.Context(), s.now, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return jobs
}

// TestInviteTells tells whoever invited, once, whatever comes again.
func TestInviteTells(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	owner, taker := s.colleague(1, store.Owner), s.known(2, store.English)
	owner.says("/invite")
	secret := secretIn(t, owner.presses("Organizer"))
	taker.says("/start " + secret)
	taker.same = true
	taker.says("/start " + secret)
	taker.same = false
	taker.says("Saodat")
	var told []string
	for _, j := range s.due() {
		reply, _ := s.compose(j, owner.record())
		told = append(told, s.read(owner.record(), reply))
		if j.Kind != store.JobLetter || j.Audience.Person != 1 || !reply.Silent {
			t.Errorf("job %+v, reply %+v", j, reply)
		}
	}
	want := map[string]bool{"Your invitation has been accepted: organizer.": true, "Saodat has accepted your invitation: organizer.": true}
	if len(told) != 2 || !want[told[0]] || !want[told[1]] {
		t.Errorf("told: %q", told)
	}
	byCommandLine, err := s.store.MakeInvite(t.Context(), store.Invite{Role: store.Delegate, Expires: s.now.Add(time.Hour)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	hears(t, s.known(3, store.English).says("/start "+byCommandLine), "Your role: delegate")
	if n := len(s.due()); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
}

// TestNameAfterTheFirstConversation asks a newcomer for language, zone and follows first.
func TestNameAfterTheFirstConversation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	secret, err := s.store.MakeInvite(t.Context(), store.Invite{Role: store.Organizer, Expires: s.now.Add(time.Hour)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := s.talk(1, store.English)
	hears(t, k.says("/start "+secret), "Your role: organizer", "Please choose a language")
	k.presses("English")
	k.presses("Tashkent +5")
	hears(t, k.presses("Done"), "Under what name")
	hears(t, k.says("Saodat"), "Your colleagues see you as Saodat.", "All set.")
	if p := k.record(); !p.Welcomed || p.Name != "Saodat" {
		t.Errorf("record %+v", p)
	}
	misses(t, string(k.export()), secret)
}

// export is the file that /mydata gives.
func (k *talk) export() []byte {
	k.t.Helper()
	k.pressesData("my:file")
	for r := k.last; r != nil; r = r.Follow {
		if r.File != nil {
			return r.File.Data
		}
	}
	k.t.Fatal("no file")
	return nil
}
