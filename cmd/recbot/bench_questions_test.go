package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/bot/answer"
)

// BenchmarkAnsweredBefore reads questions beside ten thousand answered ones. It tells the slowest of a hundred readings,
// how long all those take to be learned once, and how long the book of them takes to make whenever one is new.
func BenchmarkAnsweredBefore(b *testing.B) {
	texts := []string{
		"when is the next meeting?", "есть ли парковка у места проведения?", "b guruhi nima bilan shugʻullanadi",
		"Кейинги йиғилиш қаерда ўтади", "can I bring my own camera to the second session?", "нужна ли мне виза, если я приеду на поезде?",
	}
	reading()
	list := invented(10_000)
	began := time.Now()
	for i, e := range list {
		list[i] = reading().reader.Learn(e)
	}
	learned := time.Since(began)
	began = time.Now()
	book := reading().reader.NewBook(nil, list)
	made := time.Since(began)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		reading().reader.Read(texts[i%len(texts)], book, answer.Asker{Now: week()})
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
	b.ReportMetric(float64(learned.Milliseconds()), "ms-learn")
	b.ReportMetric(float64(made.Milliseconds()), "ms-book")
}

// invented makes answered questions of chance: openings, things and circumstances in three languages, each with a word that
// occurs nowhere else in every third. The same number gives the same ones.
func invented(n int) []answer.Entry {
	parts := [][][]string{
		{
			strings.Split("is there|can we get|who pays for|where do we find|what about|do I need|may I bring|how much is", "|"),
			strings.Split("parking|a hotel|a visa|lunch|the badge|an interpreter|wifi|a camera|a taxi|the programme|a printer|a quiet room|a guest|a badge for my driver", "|"),
			strings.Split("at the venue|near the airport|before the meeting|on the second day|for journalists|in the evening|in Tashkent|if I come late|for members of my family", "|"),
		},
		{
			strings.Split("есть ли|можно ли получить|кто оплачивает|где найти|что насчёт|нужна ли|сколько стоит|как заказать", "|"),
			strings.Split("парковка|гостиница|виза|обед|бейдж|переводчик|интернет|камера|такси|программа|принтер|тихая комната|пропуск для водителя", "|"),
			strings.Split("у места проведения|возле аэропорта|до начала заседания|на второй день|для журналистов|вечером|в Ташкенте|если я опоздаю|для членов семьи", "|"),
		},
		{
			strings.Split("bormi|olsa boʻladimi|qancha turadi|qayerdan topiladi|kerakmi|kim toʻlaydi", "|"),
			strings.Split("avtoturargoh|mehmonxona|viza|tushlik|nishon|tarjimon|internet|kamera|taksi|dastur|printer|haydovchi uchun ruxsatnoma", "|"),
			strings.Split("yigʻilish joyida|aeroport yonida|yigʻilishdan oldin|ikkinchi kuni|jurnalistlar uchun|kechqurun|Toshkentda|oila aʼzolari uchun", "|"),
		},
	}
	chance := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[chance.IntN(len(list))] }
	all := make([]answer.Entry, n)
	for i := range all {
		p := parts[i%len(parts)]
		words := []string{pick(p[0]), pick(p[1]), pick(p[2])}
		if i%len(parts) == 2 { // in Uzbek the question stands last
			words = []string{pick(p[2]), pick(p[1]), pick(p[0])}
		}
		if chance.IntN(3) == 0 {
			words = append(words, syllables(chance))
		}
		all[i] = answer.Entry{ID: fmt.Sprintf("q%d", i), Questions: []string{strings.Join(words, " ") + "?"}}
	}
	return all
}

// syllables makes a word that nobody has heard.
func syllables(chance *rand.Rand) string {
	var b strings.Builder
	for range 2 + chance.IntN(3) {
		b.WriteByte("bdfgklmnprstvz"[chance.IntN(14)])
		b.WriteByte("aeiou"[chance.IntN(5)])
	}
	return b.String()
}
