package locales

import (
	"time"

	"recbot/bot"
)

// unit is a unit of time with the message that counts it: accusative stands where words go around it ("in 1 minute",
// which in Russian has another ending), nominative where it stands alone.
type unit struct {
	minutes                int
	accusative, nominative string
}

// units4 are the units from the largest to the smallest; months are left out, for nobody agrees how long one is.
var units4 = []unit{
	{7 * 24 * 60, "SpanWeeks", "CountWeeks"},
	{24 * 60, "SpanDays", "CountDays"},
	{60, "SpanHours", "CountHours"},
	{1, "SpanMinutes", "CountMinutes"},
}

const minutesADay = 24 * 60

// span writes a length of time, rounded to the minute. Less than half a minute is "now".
func (p *page) span(s bot.Span) (string, error) {
	n := int(s.Length.Round(time.Minute) / time.Minute)
	switch s.Style {
	case bot.SpanPlain:
		u := exact(n)
		return p.counted(n/u.minutes, u.nominative)
	case bot.SpanBefore:
		return p.around("SpanBefore", []int{n})
	case bot.SpanAgo:
		if n <= 0 {
			return p.say("SpanNow", nil)
		}
		return p.around("SpanAgo", []int{n - n%rough(n)})
	}
	if n <= 0 {
		return p.say("SpanNow", nil)
	}
	return p.around("SpanIn", inTwo(n))
}

// inTwo splits minutes into at most two lengths: days and hours, or hours and minutes. A week ahead nobody counts hours.
func inTwo(n int) []int {
	big := rough(n)
	rest := n % big
	if big == minutesADay {
		rest -= rest % 60
	}
	if rest == 0 || n >= 7*minutesADay {
		return []int{n - n%big}
	}
	return []int{n - n%big, rest}
}

// around puts the words of key around lengths in minutes.
func (p *page) around(key string, lengths []int) (string, error) {
	text := ""
	for i, n := range lengths {
		u := exact(n)
		s, err := p.counted(n/u.minutes, u.accusative)
		if err != nil {
			return "", err
		}
		if i > 0 {
			text += " "
		}
		text += s
	}
	return p.say(key, bot.Values{"Length": bot.V(text)})
}

// counted is a number with a unit.
func (p *page) counted(n int, key string) (string, error) {
	return p.count(bot.Count{N: n, Of: key})
}

// exact is the largest unit in which n minutes are a whole number.
func exact(n int) unit {
	for _, u := range units4 {
		if n != 0 && n%u.minutes == 0 {
			return u
		}
	}
	return units4[len(units4)-1]
}

// rough is the largest unit, in minutes, of which n minutes hold at least one; weeks are counted in days.
func rough(n int) int {
	switch {
	case n >= minutesADay:
		return minutesADay
	case n >= 60:
		return 60
	}
	return 1
}
