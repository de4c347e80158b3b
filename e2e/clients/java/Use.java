// Calls ten operations with the client that openapi-generator generates. The only argument is the base URL of the API.

import java.nio.file.Files;
import java.nio.file.Path;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuthenticationApi;
import org.openapitools.client.api.FilesApi;
import org.openapitools.client.api.LeadsApi;
import org.openapitools.client.api.MessagesApi;
import org.openapitools.client.api.RequestsApi;
import org.openapitools.client.model.Credentials;
import org.openapitools.client.model.LeadPatch;
import org.openapitools.client.model.NewLead;
import org.openapitools.client.model.NewMessage;
import org.openapitools.client.model.Refusal;
import org.openapitools.client.model.SortDirection;

public final class Use {
    private static final String PROJECT = "5b55e806c93dde00143163dd";

    public static void main(String[] arguments) throws Exception {
        var anybody = new ApiClient();
        anybody.updateBaseUri(arguments[0]);
        var credentials = new Credentials().email("andrea.leo@f21.it").password("123456");
        var session = new AuthenticationApi(anybody).signIn(credentials);
        check(session.getUser().getFirstname().equals("Andrea"));

        var agent = new ApiClient();
        agent.updateBaseUri(arguments[0]);
        agent.setRequestInterceptor(request -> request.header("Authorization", session.getToken()));
        var leads = new LeadsApi(agent);

        var page = leads.listLeads(LeadsApi.APIListLeadsRequest.newBuilder().projectId(PROJECT).status(100).limit(1L).build());
        check(page.getLeads().size() == 1);

        var lead = new NewLead().leadId("42").fullname("Ada").email("ada@example.com");
        var made = leads.createLead(LeadsApi.APICreateLeadRequest.newBuilder().projectId(PROJECT).newLead(lead).build());
        check(made.getFullname().equals("Ada"));

        var id = made.getId();
        var one = LeadsApi.APIGetLeadRequest.newBuilder().projectId(PROJECT).leadId(id).build();
        check(leads.getLead(one).equals(made));

        var patch = new LeadPatch().company("Ada & Co");
        var change = LeadsApi.APIUpdateLeadRequest.newBuilder().projectId(PROJECT).leadId(id).leadPatch(patch).build();
        check(leads.updateLead(change).getCompany().equals("Ada & Co"));

        var filter = RequestsApi.APIListRequestsRequest.newBuilder()
            .projectId(PROJECT)
            .status("all")
            .direction(SortDirection.NUMERIC_ASCENDING)
            .hasBot(false)
            .limit(5L)
            .build();
        var requests = new RequestsApi(agent).listRequests(filter).getRequests();
        check(!requests.isEmpty() && requests.stream().noneMatch(request -> Boolean.TRUE.equals(request.getPopulatedRequest().getHasBot())));

        var message = MessagesApi.APISendMessageRequest.newBuilder()
            .projectId(PROJECT)
            .requestId("support-group-client")
            .newMessage(new NewMessage().text("Hello"))
            .build();
        check(new MessagesApi(agent).sendMessage(message).getText().equals("Hello"));

        // The client sends files as application/octet-stream, which the upload of chat files rejects.
        var file = Files.writeString(Path.of("note.txt"), "Hello").toFile();
        var upload = FilesApi.APIUploadUserFileRequest.newBuilder()._file(file).build();
        check(new FilesApi(agent).uploadUserFile(upload).getFilename().endsWith("note.txt"));

        var removal = LeadsApi.APIDeleteLeadPhysicallyRequest.newBuilder().projectId(PROJECT).leadId(id).build();
        check(leads.deleteLeadPhysically(removal).getDeletedCount() == 1);

        try {
            leads.getLead(one);
            check(false);
        } catch (ApiException error) {
            check(error.getCode() == 404);
            var refusal = agent.getObjectMapper().readValue(error.getResponseBody(), Refusal.class);
            check(refusal.getMsg().equals("Object not found."));
        }
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }
}
