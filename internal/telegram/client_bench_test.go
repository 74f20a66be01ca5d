package telegram

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/rs/zerolog"
)

func benchServer(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", strconv.Itoa(len(sentMessage)))
		_, _ = io.WriteString(w, sentMessage)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

func BenchmarkSendMessage(b *testing.B) {
	c, err := New(Options{Token: testToken, URL: benchServer(b), Log: zerolog.Nop(), Clock: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.SendMessage(b.Context(), hello(5)); err != nil {
			b.Fatal(err)
		}
	}
}

// The library alone, as the measure.
func BenchmarkSendMessageBare(b *testing.B) {
	client, err := bot.New(testToken, bot.WithSkipGetMe(), bot.WithServerURL(benchServer(b)))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(http.DefaultClient.CloseIdleConnections)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.SendMessage(b.Context(), hello(5)); err != nil {
			b.Fatal(err)
		}
	}
}
