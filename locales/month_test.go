package locales

import (
	"testing"
	"time"

	"recbot/store"
)

func TestMonthAlone(t *testing.T) {
	t.Parallel()
	march := time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)
	for lang, want := range map[store.Lang]string{
		store.English: "March 2022", store.Russian: "март 2022\u00a0г.", store.Uzbek: "2022-yil, mart", store.UzbekCyrl: "2022 йил, март",
	} {
		if got := datesOf[lang].month(march); got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
}
