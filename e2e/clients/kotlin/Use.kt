// Calls ten operations with the client that openapi-generator generates. The only argument is the base URL of the API.

import com.fasterxml.jackson.annotation.JsonInclude
import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.ObjectMapper
import io.ktor.client.engine.cio.CIO
import io.ktor.client.request.forms.FormPart
import io.ktor.client.request.forms.InputProvider
import io.ktor.http.Headers
import io.ktor.http.HttpHeaders
import io.ktor.util.reflect.typeInfo
import io.ktor.utils.io.core.ByteReadPacket
import kotlinx.coroutines.runBlocking
import tiledesk.apis.AuthenticationApi
import tiledesk.apis.FilesApi
import tiledesk.apis.LeadsApi
import tiledesk.apis.MessagesApi
import tiledesk.apis.RequestsApi
import tiledesk.infrastructure.ApiClient
import tiledesk.models.Credentials
import tiledesk.models.LeadPatch
import tiledesk.models.NewLead
import tiledesk.models.NewMessage
import tiledesk.models.Refusal
import tiledesk.models.SortDirection

private const val PROJECT = "5b55e806c93dde00143163dd"

fun main(arguments: Array<String>) = runBlocking {
    val base = arguments[0]
    val engine = CIO.create()
    val json: ObjectMapper.() -> Unit = {
        ApiClient.JSON_DEFAULT(this)
        findAndRegisterModules()
        setSerializationInclusion(JsonInclude.Include.NON_NULL)
        configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
    }

    val session = AuthenticationApi(base, engine, null, json).signIn(Credentials("andrea.leo@f21.it", "123456")).body()
    check(session.user.firstname == "Andrea")
    fun <T : ApiClient> T.signedIn(): T = apply { setApiKey(session.token) }
    val leads = LeadsApi(base, engine, null, json).signedIn()

    val page = leads.listLeads(PROJECT, status = 100, limit = 1).body()
    check(page.leads.size == 1)

    val made = leads.createLead(PROJECT, NewLead(leadId = "42", fullname = "Ada", email = "ada@example.com")).body()
    check(made.fullname == "Ada")
    check(leads.getLead(PROJECT, made.id).body() == made)
    check(leads.updateLead(PROJECT, made.id, LeadPatch(company = "Ada & Co")).body().company == "Ada & Co")

    val filter = RequestsApi(base, engine, null, json).signedIn()
    val requests = filter.listRequests(PROJECT, status = "all", noPopulate = true, hasBot = false, direction = SortDirection.NUMERIC_ASCENDING, limit = 5).body()
    check(requests.requests.isNotEmpty())

    val sent = MessagesApi(base, engine, null, json).signedIn().sendMessage(PROJECT, "support-group-client", NewMessage(text = "Hello")).body()
    check(sent.text == "Hello")

    val headers = Headers.build {
        append(HttpHeaders.ContentType, "text/plain")
        append(HttpHeaders.ContentDisposition, "filename=\"note.txt\"")
    }
    val note = FormPart("file", InputProvider { ByteReadPacket("Hello".toByteArray()) }, headers)
    val upload = FilesApi(base, engine, null, json).signedIn().uploadChatFile(PROJECT, note).body()
    check(upload.message == "File uploaded successfully")

    check(leads.deleteLeadPhysically(PROJECT, made.id).body().deletedCount == 1L)

    val refused = leads.getLead(PROJECT, made.id)
    check(refused.status == 404)
    check(refused.typedBody<Refusal>(typeInfo<Refusal>()).msg == "Object not found.")
    engine.close()
}
