package demo

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"vinbot/internal/telegramtest"
)

const (
	maxBody    = 64 << 10
	pressTime  = 20 * time.Second
	heartbeat  = 15 * time.Second
	writeTime  = 10 * time.Second // for one event
	retryDelay = "retry: 1000\n\n"
)

// handler answers the browsers, those that come by a name of loopback.
func (d *Demo) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.page.index)
	mux.HandleFunc("GET /assets/{name}", d.page.asset)
	mux.HandleFunc("GET /panel/{world}/{who}", d.in(panel))
	mux.HandleFunc("GET /panel/{world}/link/{secret}", d.in(panelLink))
	mux.HandleFunc("GET /api/{world}/events", d.in(events))
	mux.HandleFunc("GET /api/{world}/commands", d.in(commands))
	mux.HandleFunc("GET /api/{world}/file/{chat}/{message}/{name}", d.in(file))
	mux.HandleFunc("POST /api/{world}/text", d.in(text))
	mux.HandleFunc("POST /api/{world}/other", d.in(other))
	mux.HandleFunc("POST /api/{world}/document", d.in(document))
	mux.HandleFunc("POST /api/{world}/press", d.in(press))
	mux.HandleFunc("POST /api/{world}/block", d.in(block))
	mux.HandleFunc("POST /api/{world}/flood", d.in(flood))
	return onlyLoopback(harden(http.NewCrossOriginProtection().Handler(mux)))
}

// onlyLoopback refuses requests for another host: a foreign site whose name
// leads to 127.0.0.1 must not speak in a visitor's name.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addr, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr) // a server has one
		_, port, _ := net.SplitHostPort(addr.String())
		known := []string{addr.String(), "localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port}
		if port == "80" {
			known = append(known, "localhost", "127.0.0.1", "[::1]")
		}
		if !slices.Contains(known, r.Host) {
			http.Error(w, "this is the demo of "+known[1], http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// harden sets the headers that keep a page to itself.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "+
			"require-trusted-types-for 'script'; trusted-types 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// action does something in a world.
type action func(in *world, w http.ResponseWriter, r *http.Request) error

// in finds the world, and answers when the action fails.
func (d *Demo) in(do action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at := slices.IndexFunc(d.worlds, func(o *world) bool { return string(o.lang) == r.PathValue("world") })
		if at < 0 {
			http.NotFound(w, r)
			return
		}
		err := do(d.worlds[at], w, r)
		var refused *refusal
		switch {
		case err == nil:
		case errors.As(err, &refused):
			http.Error(w, refused.reason, refused.status)
		default:
			d.Log.Error().Err(err).Str("path", r.Pattern).Msg("the demo could not answer")
			http.Error(w, "something went wrong", http.StatusInternalServerError)
		}
	}
}

// read reads a request's JSON.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return refuse(http.StatusRequestEntityTooLarge, "the request is too long")
		}
		return refuse(http.StatusBadRequest, "the request is not understood")
	}
	return nil
}

func reply(w http.ResponseWriter, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err //nolint:wrapcheck // a struct of strings always encodes
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a browser that left does not matter
	return nil
}

func done(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func text(in *world, w http.ResponseWriter, r *http.Request) error {
	var q struct {
		scene
		Text    string `json:"text"`
		ReplyTo int    `json:"replyTo"`
	}
	if err := read(w, r, &q); err != nil {
		return err
	}
	return done(w, in.write(q.scene, q.Text, q.ReplyTo))
}

func other(in *world, w http.ResponseWriter, r *http.Request) error {
	var q struct {
		scene
		Kind telegramtest.Kind `json:"kind"`
	}
	if err := read(w, r, &q); err != nil {
		return err
	}
	return done(w, in.sendOther(q.scene, q.Kind))
}

func document(in *world, w http.ResponseWriter, r *http.Request) error {
	u, err := readUpload(w, r)
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll() //nolint:errcheck // all of it stands in memory
	}
	if err != nil {
		return err
	}
	return done(w, in.sendDocuments(u))
}

func press(in *world, w http.ResponseWriter, r *http.Request) error {
	var q struct {
		scene
		Message int    `json:"message"`
		Data    string `json:"data"`
	}
	if err := read(w, r, &q); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), pressTime)
	defer cancel()
	answer, err := in.press(ctx, q.scene, q.Message, q.Data)
	if err != nil {
		return err
	}
	return reply(w, struct {
		Text  string `json:"text"`
		Alert bool   `json:"alert"`
		URL   string `json:"url,omitempty"`
	}(answer))
}

func block(in *world, w http.ResponseWriter, r *http.Request) error {
	var q struct {
		As      string `json:"as"`
		Blocked bool   `json:"blocked"`
	}
	if err := read(w, r, &q); err != nil {
		return err
	}
	return done(w, in.block(q.As, q.Blocked))
}

func commands(in *world, w http.ResponseWriter, r *http.Request) error {
	found, err := in.commands(scene{As: r.FormValue("as"), Chat: r.FormValue("chat")})
	if err != nil {
		return err
	}
	return reply(w, found)
}

func file(in *world, w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(r.PathValue("message"))
	if err != nil {
		return refuse(http.StatusNotFound, "there is no such file")
	}
	found, data, err := in.document(r.PathValue("chat"), id)
	if err != nil {
		return err
	}
	serveDocument(w, r, found, data)
	return nil
}
