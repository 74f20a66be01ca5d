package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"vinbot/internal/telegramtest"
)

// wayIn is the path of a link into the panel, as the bot sends it.
var wayIn = regexp.MustCompile(`/login/vbl_[A-Za-z0-9_-]{43}`)

const enterTime = 10 * time.Second

// panel leads a manager into the panel: for them it asks the bot for a link,
// opens it, and presses its button.
func panel(in *world, w http.ResponseWriter, r *http.Request) error {
	if err := fromOurPage(r); err != nil {
		return err
	}
	p, err := in.person(r.PathValue("who"))
	if err != nil {
		return err
	}
	if p.Role != roleManager {
		return refuse(http.StatusForbidden, "%s is no manager", p.Name)
	}
	path, err := in.askForLink(r.Context(), p)
	if err != nil {
		return err
	}
	return in.enter(w, r, path)
}

// askForLink writes /panel to the bot, and gives the path of the link in its answer.
func (w *world) askForLink(ctx context.Context, p *person) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, enterTime)
	defer cancel()
	w.mu.Lock()
	asked := p.user.Send("/panel")
	w.feed.setBlocked(p, false)
	w.mu.Unlock()
	answer, err := w.sim.Wait(ctx, p.user, func(m telegramtest.Message) bool {
		return m.ID > asked.ID && m.FromBot && wayIn.MatchString(m.Text)
	})
	if err != nil {
		return "", refuse(http.StatusGatewayTimeout, "the bot did not answer")
	}
	return wayIn.FindString(answer.Text), nil
}

// panelLink follows a link that the bot sent into a chat, likewise.
func panelLink(in *world, w http.ResponseWriter, r *http.Request) error {
	if err := fromOurPage(r); err != nil {
		return err
	}
	path := "/login/" + r.PathValue("secret")
	if wayIn.FindString(path) != path {
		return refuse(http.StatusNotFound, "there is no such link")
	}
	return in.enter(w, r, path)
}

// fromOurPage refuses what another site leads a visitor to.
func fromOurPage(r *http.Request) error {
	if from := r.Header.Get("Sec-Fetch-Site"); from != "" && from != "same-origin" {
		return refuse(http.StatusForbidden, "the panel is opened from the demo's page")
	}
	return nil
}

// enter presses the button of a link into the panel, and hands on to the visitor
// what the panel answers: cookies know no ports, so that what a browser is given
// here it shows there. A link that cannot be used any more is opened as it is, so
// that the panel says why.
func (w *world) enter(out http.ResponseWriter, r *http.Request, path string) error {
	ctx, cancel := context.WithTimeout(r.Context(), enterTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.app.HTTPAddr()+path, http.NoBody) //nolint:gosec,nolintlint // our own panel; seen only when many rooms are linted at once
	if err != nil {
		return fmt.Errorf("enter the panel: %w", err)
	}
	for _, name := range []string{"User-Agent", "Accept-Language", "Cookie"} {
		request.Header.Set(name, r.Header.Get(name))
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("enter the panel: %w", err)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("enter the panel: %w", err)
	}
	to := path
	if answer.StatusCode == http.StatusSeeOther {
		to = answer.Header.Get("Location")
		for _, cookie := range answer.Header.Values("Set-Cookie") {
			out.Header().Add("Set-Cookie", cookie)
		}
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil { // without a port, as on 80
		host = strings.Trim(r.Host, "[]")
	}
	_, port, err := net.SplitHostPort(w.app.HTTPAddr())
	if err != nil {
		return fmt.Errorf("find the panel: %w", err)
	}
	http.Redirect(out, r, "http://"+net.JoinHostPort(host, port)+to, http.StatusSeeOther) //nolint:gosec // the host is one of loopback: see onlyLoopback
	return nil
}
