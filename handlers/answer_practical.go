package handlers

import (
	"context"
	"slices"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// Questions of who is on the way to a meeting: papers, the link, hotel and visa, whom to ask.
var (
	_ = command(spec{Intents: []string{"meeting_documents"}, Run: onMeeting((*Desk).tellDocuments)})
	_ = command(spec{Intents: []string{"meeting_join"}, Run: onMeeting((*Desk).tellJoin)})
	_ = command(spec{Intents: []string{"meeting_practical"}, Run: (*Desk).practical})
	_ = command(spec{Intents: []string{"contact"}, Run: (*Desk).contacts})
)

// tellDocuments lists the papers of a meeting.
func (d *Desk) tellDocuments(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	papers := documents(m)
	if len(papers) == 0 {
		return d.unpublished(r, d.ways(reply.Line("AnswerNoDocuments"), r, m))
	}
	cites.show(reply, papers)
	return d.ways(reply, r, m)
}

// tellJoin gives the link to a meeting. Who may see a meeting may join it; for others it does not exist.
func (d *Desk) tellJoin(r *bot.Request, m store.Meeting) *bot.Reply {
	reply := titled(m)
	if join, ok := joinButton(m, r); ok {
		reply.Line("AnswerJoin", "Link", bot.Link{URL: m.JoinURL}).Row(join)
		d.sayDate(reply, r, m, "")
		d.sayHour(reply, r, m)
		return d.ways(reply, r, m)
	}
	if m.Over(r.Now) {
		reply.Line("AnswerJoinOver")
	} else {
		reply.Line("AnswerNoLink")
	}
	reply.Line("CardFormat", "Format", phrase("Format_"+string(m.Attendance)))
	d.sayDate(reply, r, m, "")
	return d.unpublished(r, d.ways(reply, r, m))
}

// practicalTopics are the topics with a name of their own in the answer; see the topics of answered questions in council.
var practicalTopics = []string{
	"registration", "accommodation", "visa", "transport", "interpretation", "dress_code", "meals", "wifi", "badge",
}

// practical says what the organizers have answered about hotel, visa and the like, of this meeting or of all.
func (d *Desk) practical(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	m, reply, err := d.askedOne(ctx, r)
	if err != nil || reply != nil {
		return reply, err
	}
	entries, err := d.EntriesOn(ctx, r.Person, r.Ask.Topic, m.ID)
	if err != nil {
		return nil, err
	}
	reply = titled(m)
	for _, f := range entries {
		reply.Say("FaqQuestion", "Question", f.Question).Line("FaqAnswer", "Text", entryText(f))
		sayWho(reply, f)
	}
	if len(entries) > 0 { // they are on the topic, and need not be what was asked
		return d.offerAsking(r, d.ways(reply, r, m)), nil
	}
	topic := "Practical_other"
	if slices.Contains(practicalTopics, r.Ask.Topic) {
		topic = "Practical_" + r.Ask.Topic
	}
	reply.Line("AnswerNoPractical", "Topic", phrase(topic))
	// What is known helps to ask further, and shows which meeting was understood.
	d.sayDate(reply, r, m, "")
	reply.Line("CardWhere", "Place", place(m))
	return d.unpublished(r, d.ways(reply, r, m)), nil
}

// contacts lists the contacts that were published.
func (d *Desk) contacts(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	if len(d.council.Contacts) == 0 {
		return d.unpublished(r, bot.Say("AnswerNoContacts")), nil
	}
	reply := bot.Say("AnswerContacts")
	for _, c := range d.council.Contacts {
		reply.Line("AnswerContact", "Name", c.Name, "Ways", contactWays(c))
	}
	return reply.Button("ButtonAbout", bot.Data("ab")), nil
}

// contactWays are the ways to reach somebody; what is not known is left out.
func contactWays(c council.Contact) (ways []bot.Value) {
	if c.Email != "" {
		ways = append(ways, bot.V(bot.Link{URL: "mailto:" + c.Email, Text: everywhere(c.Email)}))
	}
	for _, words := range []string{c.Phone, c.Telegram} {
		if words != "" {
			ways = append(ways, bot.V(words))
		}
	}
	if c.URL != "" {
		ways = append(ways, bot.V(bot.Link{URL: c.URL}))
	}
	return ways
}

// everywhere is a text that is the same in all languages.
func everywhere(s string) store.Text {
	t := store.Text{}
	for _, l := range store.Langs {
		t[l] = s
	}
	return t
}
