package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/account"
	"vinbot/internal/store"
	"vinbot/internal/telegramtest"
)

// served has the bot serve the API.
func served(w *world, _ *telegramtest.Options) { w.cfg.HTTPAddr = "127.0.0.1:0" }

// program is another program that uses the API.
type program struct {
	*world
	secret string
}

// program gives a program a token that may do everything, as the operator does
// beside the running bot.
func (w *world) program() program {
	w.Helper()
	database := store.SQLite(w.cfg.Database.Path())
	if url := w.cfg.Database.URL(); url != "" {
		database = store.Postgres(url)
	}
	s, err := store.Open(w.Context(), store.Options{Database: database, Clock: w.now})
	require.NoError(w, err)
	defer func() { require.NoError(w, s.Close()) }()
	secret, hash := account.NewSecret(account.PrefixToken)
	_, err = s.Tokens().Create(w.Context(), account.Token{Name: "Сайт", Scopes: account.Scopes(), PerMinute: 60000}, hash)
	require.NoError(w, err)
	w.known.keep("a token of the API's", secret)
	return program{w, secret}
}

// asks makes a request and gives the answer's status and body.
func (p program) asks(method, path, kind string, body []byte) (int, []byte) {
	p.Helper()
	request, err := http.NewRequestWithContext(p.Context(), method, "http://"+p.app.HTTPAddr()+"/api/v1"+path, bytes.NewReader(body))
	require.NoError(p, err)
	request.Header.Set("Authorization", "Bearer "+p.secret)
	request.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(p, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(p, err)
	return answer.StatusCode, text
}

// job is what the API says of a ticket.
type job struct {
	ID       int64
	Status   string
	Assignee *struct{ Name string }
}

func (p program) opens(vin string, owner int64) job {
	p.Helper()
	body := map[string]any{"vin": vin}
	if owner != 0 {
		body["owner_id"] = owner
	}
	text, err := json.Marshal(body)
	require.NoError(p, err)
	status, answer := p.asks("POST", "/tickets", "application/json", text)
	require.Equal(p, http.StatusCreated, status, "%s", answer)
	var opened job
	require.NoError(p, json.Unmarshal(answer, &opened))
	return opened
}

// becomes waits until a ticket has a status.
func (p program) becomes(id int64, status string) job {
	p.Helper()
	var last job
	require.Eventually(p, func() bool {
		code, answer := p.asks("GET", "/tickets/"+strconv.FormatInt(id, 10), "", nil)
		require.Equal(p, http.StatusOK, code)
		require.NoError(p, json.Unmarshal(answer, &last))
		return last.Status == status
	}, patience, 20*time.Millisecond)
	return last
}

func TestATicketOpenedByAProgramGoesTheSameWay(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := begin(t, append(settings, served)...)
		p := w.program()
		opened := p.opens(honda, 0)
		card := w.card(honda)
		assert.Contains(t, card.Text, "другая программа")
		w.presses(w.boris.In(w.group), card, take(card))
		w.shows(card, "Борис")
		assert.Equal(t, "Борис", p.becomes(opened.ID, "taken").Assignee.Name)
		w.boris.In(w.group).ReplyPDF(card, pdf(), "")
		p.becomes(opened.ID, "done")
		status, file := p.asks("GET", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report", "", nil)
		require.Equal(t, http.StatusOK, status, "%s", file)
		assert.Equal(t, pdf(), file)
	})
}

func TestAReportThatAProgramSendsReachesTheOwnersChat(t *testing.T) {
	onEach(t, func(t *testing.T, settings ...setting) {
		t.Helper()
		w := begin(t, append(settings, served)...)
		w.anna.Send("/start")
		w.sees(w.anna, telegramtest.Containing("VIN"))
		p := w.program()
		opened := p.opens(honda, w.anna.ID)
		w.card(honda)
		status, answer := p.asks("POST", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/reports", "application/pdf", pdf())
		require.Equal(t, http.StatusAccepted, status, "%s", answer)
		sent := w.sees(w.anna, telegramtest.WithDocument())
		content, _ := w.sim.Bytes(sent.Document.ID)
		assert.Equal(t, pdf(), content)
		p.becomes(opened.ID, "done")
		w.sees(w.group, telegramtest.Containing("Сайт"))
		status, file := p.asks("GET", "/tickets/"+strconv.FormatInt(opened.ID, 10)+"/report", "", nil)
		require.Equal(t, http.StatusOK, status)
		assert.Equal(t, pdf(), file)
	})
}
