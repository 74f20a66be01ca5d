package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"vinbot/internal/httpd"
)

const (
	kindJSON    = "application/json"
	kindProblem = "application/problem+json"
)

// describe begins the description of the API.
func (a *API) describe() {
	a.registry = huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	a.openAPI = &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "VIN Report Bot", Version: a.Version,
			Description: "Tickets for vehicle history reports: opened, worked on and fetched as in the bot's chats.",
		},
		Components: &huma.Components{
			Schemas: a.registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: "A program's token, or an owner's access token."},
			},
		},
	}
}

// document adds a route to the description.
func (a *API) document(rt *route) {
	rt.doc = &huma.Operation{
		OperationID: rt.ID, Method: rt.Method, Path: rt.Path, Tags: []string{rt.Tag},
		Summary: rt.Summary, Description: rt.Details, Responses: map[string]*huma.Response{},
	}
	if !rt.Open {
		rt.doc.Security = []map[string][]string{{"token": {}}}
	}
	if rt.Method == http.MethodPost && !rt.Open {
		rt.doc.Parameters = append(rt.doc.Parameters, &huma.Param{
			Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "Names the request: within a day one with the same name is answered as this one was, and not carried out again.",
		})
	}
	for _, p := range rt.params {
		rt.doc.Parameters = append(rt.doc.Parameters, &huma.Param{
			Name: p.name, In: p.in, Required: p.required, Schema: p.schema, Description: p.doc,
		})
	}
	if rt.body != nil {
		rt.doc.RequestBody = &huma.RequestBody{
			Required: rt.body.required, Content: map[string]*huma.MediaType{kindJSON: {Schema: rt.body.schema}},
		}
	}
	if rt.raw == nil {
		rt.doc.Responses[strconv.Itoa(rt.Status)] = a.success(rt, rt.Status)
		for _, status := range rt.Also {
			rt.doc.Responses[strconv.Itoa(status)] = a.success(rt, status)
		}
	}
	problems := &huma.Schema{Ref: a.registry.Schema(reflect.TypeFor[Problem](), true, "").Ref}
	for _, status := range rt.problems() {
		rt.doc.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{kindProblem: {Schema: problems}},
		}
	}
	a.openAPI.AddOperation(rt.doc)
}

// success describes the answer where nothing is wrong.
func (a *API) success(rt *route, status int) *huma.Response {
	said := &huma.Response{Description: http.StatusText(status)}
	if rt.outer.body >= 0 && status != http.StatusNotModified {
		f := rt.outer.of.Field(rt.outer.body)
		said.Content = map[string]*huma.MediaType{kindJSON: {Schema: a.registry.Schema(f.Type, true, rt.ID+"Answer")}}
	}
	for name := range rt.outer.headers {
		if said.Headers == nil {
			said.Headers = map[string]*huma.Param{}
		}
		said.Headers[name] = &huma.Header{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return said
}

// specPath is where the description is read.
const specPath = "/api/openapi.json"

// writeSpec writes the description as JSON.
func (a *API) writeSpec() ([]byte, error) {
	text, err := json.Marshal(a.openAPI)
	if err != nil {
		return nil, fmt.Errorf("write the description of the API: %w", err)
	}
	return append(text, '\n'), nil
}

// specification answers with the description, which is for everybody.
func (a *API) specification(w http.ResponseWriter, r *http.Request) {
	r.Pattern = "GET " + specPath
	text, err := a.spec()
	if err != nil {
		a.fail(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/openapi+json;version=3.1")
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(docsSeconds))
	httpd.Send(w, r, http.StatusOK, text)
}

// problems are the statuses of what may be wrong with a request.
func (rt *route) problems() []int {
	all := slices.Clone(rt.Errors)
	if !rt.Open {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	all = append(all, http.StatusUnprocessableEntity) // a parameter that there is not, at least
	if rt.body != nil {
		all = append(all, http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
