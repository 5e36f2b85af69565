// A product of server-drawn pages: its people sign in here, and the apps are put into the page with one-time codes.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

public sealed class Session
{
    public Person Person;
    /// <summary>The apps' sessions by the page that shows them: a second tab does not take the first one's place.</summary>
    public readonly ConcurrentDictionary<string, string[]> Handles = new ConcurrentDictionary<string, string[]>();
}

public static class Shop
{
    static readonly string[] Apps = { "dash", "streamlit", "panel" };
    static readonly Person[] People = {
        new Person { Id = "mia", Name = "Mia Manager", Roles = new[] { "manager" } },
        new Person { Id = "vik", Name = "Vik Viewer", Roles = new[] { "viewer" } },
    };
    static readonly ConcurrentDictionary<string, Session> Sessions = new ConcurrentDictionary<string, Session>();
    static readonly bool Secure = Environment.GetEnvironmentVariable("SHOP_URL").StartsWith("https:");
    static readonly string CookieName = Secure ? "__Host-shop" : "shop";

    public static void Main()
    {
        var listener = new HttpListener();
        foreach (var name in new[] { "127.0.0.1", "localhost" })
            listener.Prefixes.Add("http://" + name + ":" + Environment.GetEnvironmentVariable("PORT") + "/");
        listener.Start();
        for (;;)
        {
            var context = listener.GetContext();
            Task.Run(() => Answer(context));
        }
    }

    static void Answer(HttpListenerContext context)
    {
        try
        {
            var request = context.Request;
            var cookie = request.Cookies[CookieName];
            Session session = null;
            if (cookie != null) Sessions.TryGetValue(cookie.Value, out session);
            switch (request.HttpMethod + " " + request.Url.AbsolutePath)
            {
                case "GET /": Send(context, 200, "text/html; charset=utf-8", Page(session)); break;
                case "GET /shop.css": Send(context, 200, "text/css", File.ReadAllText("../shared/shop.css")); break;
                case "GET /host.js": Send(context, 200, "text/javascript", File.ReadAllText("../shared/host.js")); break;
                case "POST /sign-in": SignIn(context); break;
                case "POST /sign-out": SignOut(context, cookie, session); break;
                case "POST /renew": Renew(context, session); break;
                default: Send(context, 404, "text/plain", "Not found"); break;
            }
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            context.Response.Abort();
        }
    }

    /// <summary>In place of a password.</summary>
    static void SignIn(HttpListenerContext context)
    {
        var chosen = Field(context, "person");
        var person = People.FirstOrDefault(one => one.Id == chosen);
        if (person != null)
        {
            var id = RandomId();
            Sessions[id] = new Session { Person = person };
            context.Response.AddHeader("Set-Cookie",
                CookieName + "=" + id + "; Path=/; HttpOnly; SameSite=Lax" + (Secure ? "; Secure" : ""));
        }
        Home(context);
    }

    static void SignOut(HttpListenerContext context, Cookie cookie, Session session)
    {
        if (session != null)
        {
            Sessions.TryRemove(cookie.Value, out session);
            // The apps' sessions and sockets end with the product's.
            foreach (var handle in session.Handles.Values.SelectMany(handles => handles)) Portico.End(handle);
        }
        Home(context);
    }

    /// <summary>The page asks for this as long as it is open; nobody's session goes on when the product's is over.</summary>
    static void Renew(HttpListenerContext context, Session session)
    {
        string[] handles;
        if (session != null && session.Handles.TryGetValue(Field(context, "page"), out handles))
        {
            var token = Portico.Token(session.Person);
            foreach (var handle in handles) Portico.Renew(handle, token);
        }
        Send(context, session == null ? 401 : 204, "text/plain", "");
    }

    static string Page(Session session)
    {
        var page = RandomId();
        var template = File.ReadAllText("page.html").Replace("{apps}", Html(Environment.GetEnvironmentVariable("APPS_URL")));
        if (session == null)
            return template
                .Replace("{who}", "Nobody is signed in")
                .Replace("{form}", "<form method=\"post\" action=\"/sign-in\">" + string.Join(" ", People.Select(one =>
                    "<button name=\"person\" value=\"" + one.Id + "\">" + Html(one.Name) + "</button>")) + "</form>")
                .Replace("{product}", "");
        var person = session.Person;
        var token = Portico.Token(person);
        var grants = Apps.ToDictionary(name => name, name => Portico.Code(name, token));
        session.Handles[page] = grants.Values.Where(grant => grant != null).Select(grant => grant.Handle).ToArray();
        return template
            .Replace("{who}", Html(person.Name + " (" + string.Join(", ", person.Roles) + ")"))
            .Replace("{form}", "<form method=\"post\" action=\"/sign-out\"><button>Sign out</button></form>")
            .Replace("{product}", File.ReadAllText("product.html")
                .Replace("{page}", page)
                .Replace("{renew}", (Portico.TokenLifetime / 2).ToString())
                .Replace("{list}", string.Concat(grants.Select(Element))));
    }

    static string Element(KeyValuePair<string, Grant> app)
    {
        if (app.Value == null) return "<p>" + app.Key + " is not there now.</p>";
        var apps = Environment.GetEnvironmentVariable("APPS_URL");
        return "<portico-app app=\"" + app.Key + "\" src=\"" + Html(apps) + "/" + app.Key + "/\" start=\""
            + Html(app.Value.Start) + "\"></portico-app>\n";
    }

    static string Field(HttpListenerContext context, string name)
    {
        using (var reader = new StreamReader(context.Request.InputStream))
            foreach (var pair in reader.ReadToEnd().Split('&'))
                if (pair.StartsWith(name + "=")) return Uri.UnescapeDataString(pair.Substring(name.Length + 1));
        return "";
    }

    static string RandomId()
    {
        var bytes = new byte[16];
        using (var random = RandomNumberGenerator.Create()) random.GetBytes(bytes);
        return string.Concat(bytes.Select(one => one.ToString("x2")));
    }

    static string Html(string text)
    {
        return WebUtility.HtmlEncode(text);
    }

    static void Home(HttpListenerContext context)
    {
        context.Response.AddHeader("Location", "/");
        Send(context, 303, "text/plain", "");
    }

    static void Send(HttpListenerContext context, int status, string type, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.AddHeader("Cache-Control", "no-store");
        if (status != 204) context.Response.OutputStream.Write(bytes, 0, bytes.Length);
        context.Response.Close();
    }
}
