// Calls ten operations with the client that openapi-generator generates. The only argument is the base URL of the API.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"strings"

	"example.com/example/tiledesk"
)

const project = "5b55e806c93dde00143163dd"

func main() {
	configuration := tiledesk.NewConfiguration()
	configuration.Servers = tiledesk.ServerConfigurations{{URL: os.Args[1]}}
	client := tiledesk.NewAPIClient(configuration)
	anybody := context.Background()

	credentials := tiledesk.NewCredentials("andrea.leo@f21.it", "123456")
	session, _, err := client.AuthenticationAPI.SignIn(anybody).Credentials(*credentials).Execute()
	check(err, session.User.GetFirstname() == "Andrea")
	agent := context.WithValue(anybody, tiledesk.ContextAPIKeys, map[string]tiledesk.APIKey{"jwt": {Key: session.Token}})

	page, _, err := client.LeadsAPI.ListLeads(agent, project).Status(100).Limit(1).Execute()
	check(err, len(page.Leads) == 1)

	draft := tiledesk.NewLeadDraft()
	draft.SetLeadId("42")
	draft.SetFullname("Ada")
	draft.SetEmail("ada@example.com")
	made, _, err := client.LeadsAPI.CreateLead(agent, project).LeadDraft(*draft).Execute()
	check(err, made.GetFullname() == "Ada")

	found, _, err := client.LeadsAPI.GetLead(agent, project, made.Id).Execute()
	check(err, found.Id == made.Id && found.CreatedAt.Equal(made.CreatedAt))

	patch := tiledesk.NewLeadPatch()
	patch.SetCompany("Ada & Co")
	changed, _, err := client.LeadsAPI.UpdateLead(agent, project, made.Id).LeadPatch(*patch).Execute()
	check(err, changed.GetCompany() == "Ada & Co")

	filter := client.RequestsAPI.ListRequests(agent, project).Status("all").WithBot(false).Limit(5)
	requests, _, err := filter.Direction(tiledesk.SORTDIRECTION_NUMERIC_ASCENDING).Execute()
	check(err, len(requests.Requests) > 0)

	text := tiledesk.NewMessageDraft()
	text.SetText("Hello")
	sent, _, err := client.MessagesAPI.SendMessage(agent, project, "support-group-client").MessageDraft(*text).Execute()
	check(err, sent.GetText() == "Hello")

	// The client sends files as application/octet-stream, which the upload of chat files rejects.
	check(os.WriteFile("note.txt", []byte("Hello"), 0o600), true)
	file, err := os.Open("note.txt")
	check(err, true)
	upload, _, err := client.FilesAPI.UploadUserFile(agent).File(file).Execute()
	check(err, strings.HasSuffix(upload.Filename, "note.txt"))

	removed, _, err := client.LeadsAPI.DeleteLeadPhysically(agent, project, made.Id).Execute()
	check(err, removed.DeletedCount == 1)

	_, response, err := client.LeadsAPI.GetLead(agent, project, made.Id).Execute()
	var refused *tiledesk.GenericOpenAPIError
	check(nil, errors.As(err, &refused) && response.StatusCode == http.StatusNotFound)
	refusal, ok := refused.Model().(tiledesk.Refusal)
	check(nil, ok && refusal.GetMsg() == "Object not found.")
}

func check(err error, holds bool) {
	if err != nil || !holds {
		log.Panicf("unexpected response: %v", err)
	}
}
