package locales

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"recbot/bot"
	"recbot/bot/script"
	"recbot/store"
)

// Place is a city with the time zone it lies in.
type Place struct {
	ID      string     // a-z and hyphens; never changes
	Zone    string     // IANA name
	Names   store.Text // as it is shown, in every language
	Aliases []string   // other spellings and names that people type, in any language
	// clock is "Tashkent time", where a language cannot form it from the name alone.
	clock store.Text
}

// Places lists the cities the bot knows, the ones people most likely mean first. The first city of a zone names the zone.
// Its texts are shared: do not change them.
func (c *Catalog) Places() []Place { return slices.Clone(c.places) }

// loadPlaces reads places.yaml and checks that the zones exist.
func (c *Catalog) loadPlaces() error {
	data, err := files.ReadFile("places.yaml")
	if err != nil {
		return fmt.Errorf("places: %w", err)
	}
	var entries []struct {
		ID      string     `yaml:"id"`
		Zone    string     `yaml:"zone"`
		Name    store.Text `yaml:"name"`
		Clock   store.Text `yaml:"clock"`
		Aliases []string   `yaml:"aliases"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true) // a misspelt field would silently lose its names
	if err := decoder.Decode(&entries); err != nil {
		return fmt.Errorf("places.yaml: %w", err)
	}
	for _, e := range entries {
		if _, err := c.zone(e.Zone); err != nil {
			return fmt.Errorf("places.yaml: %s: %w", e.Name[store.English], err)
		}
		if e.Name[store.UzbekCyrl] == "" {
			e.Name[store.UzbekCyrl] = script.ToCyrillic(e.Name[store.Uzbek])
		}
		place := Place{ID: e.ID, Zone: e.Zone, Names: e.Name, Aliases: e.Aliases, clock: e.Clock}
		c.places = append(c.places, place)
		if _, named := c.byZone[e.Zone]; !named {
			c.byZone[e.Zone] = place
		}
	}
	return nil
}

// zoneName names a zone as people do, with its present offset: Tashkent, UTC+5. A zone without a city in it is named by
// its offset alone.
func (p *page) zoneName(name string) (string, error) {
	loc, err := p.c.zone(name)
	if err != nil {
		return "", err
	}
	return escape(p.zoneAt(name, p.now.In(loc))), nil
}

// zoneAt names a zone with the offset that it has at t.
func (p *page) zoneAt(name string, t time.Time) string {
	if place, ok := p.c.byZone[name]; ok {
		return place.Names[p.t.lang] + ", " + offset(t)
	}
	return offset(t)
}

// clockOf is how the language calls the time of a place: Tashkent time, по ташкентскому времени.
func (p *page) clockOf(place Place) (string, error) {
	if s := place.clock[p.t.lang]; s != "" {
		return escape(s), nil
	}
	return p.say("PlaceTime", bot.Values{"City": bot.V(place.Names[p.t.lang])})
}
