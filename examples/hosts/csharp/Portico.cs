// The calls that a C# product makes to the gateway, with a token that it signs itself.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

public sealed class Person
{
    public string Id, Name;
    public string[] Roles;
}

/// <summary>What the gateway gives for a token: an address for a frame, good once, and a name for the session.</summary>
public sealed class Grant
{
    public string Start, Handle;
}

public static class Portico
{
    static readonly string Apps = Environment.GetEnvironmentVariable("APPS_URL");
    static readonly string Origin = Environment.GetEnvironmentVariable("SHOP_URL");
    static readonly byte[] Secret = Encoding.UTF8.GetBytes(
        File.ReadAllText(Path.Combine(Environment.GetEnvironmentVariable("KEYS"), "csharp.secret")).Trim());

    public static readonly int TokenLifetime = int.Parse(Environment.GetEnvironmentVariable("TOKEN_LIFETIME"));

    /// <summary>A JWT (RFC 7519) for the apps, about the person who is signed in here; gateway and product share the secret.</summary>
    public static string Token(Person person)
    {
        var now = (long)(DateTime.UtcNow - new DateTime(1970, 1, 1)).TotalSeconds;
        var claims = "{" + string.Join(",", new[] {
            "\"iss\":\"csharp-shop\"",
            "\"aud\":" + Json(Apps),
            "\"sub\":" + Json(person.Id),
            "\"name\":" + Json(person.Name),
            "\"roles\":[" + string.Join(",", person.Roles.Select(Json)) + "]",
            "\"iat\":" + now,
            "\"exp\":" + (now + TokenLifetime),
        }) + "}";
        var signed = Base64Url(Encoding.UTF8.GetBytes("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))
            + "." + Base64Url(Encoding.UTF8.GetBytes(claims));
        using (var hmac = new HMACSHA256(Secret))
            return signed + "." + Base64Url(hmac.ComputeHash(Encoding.ASCII.GetBytes(signed)));
    }

    /// <summary>A one-time code for an app in a page of this product; null when the gateway refuses.</summary>
    public static Grant Code(string app, string token)
    {
        var answer = Ask("code", token, new Dictionary<string, string> { { "app", app }, { "origin", Origin } });
        return answer == null ? null : new Grant { Start = Read(answer, "start"), Handle = Read(answer, "handle") };
    }

    /// <summary>The session goes on as long as this newer token.</summary>
    public static void Renew(string handle, string token)
    {
        Ask("renew", token, new Dictionary<string, string> { { "handle", handle } });
    }

    /// <summary>The session is over, its sockets too.</summary>
    public static void End(string handle)
    {
        Ask("end", null, new Dictionary<string, string> { { "handle", handle } });
    }

    static string Ask(string what, string token, Dictionary<string, string> fields)
    {
        var request = (HttpWebRequest)WebRequest.Create(Apps + "/.auth/embed/" + what);
        request.Method = "POST";
        request.Timeout = 10000;
        request.AllowAutoRedirect = false;
        request.ContentType = "application/x-www-form-urlencoded";
        if (token != null) request.Headers["Authorization"] = "Bearer " + token;
        var body = Encoding.UTF8.GetBytes(string.Join("&", fields.Select(field =>
            field.Key + "=" + Uri.EscapeDataString(field.Value))));
        try
        {
            using (var stream = request.GetRequestStream()) stream.Write(body, 0, body.Length);
            using (var response = (HttpWebResponse)request.GetResponse())
            using (var reader = new StreamReader(response.GetResponseStream()))
                return response.StatusCode == HttpStatusCode.OK ? reader.ReadToEnd() : null;
        }
        catch (WebException refused)
        {
            Console.Error.WriteLine("The gateway refused " + what + ": " + refused.Message);
            // Otherwise its connection is never free again.
            if (refused.Response != null) refused.Response.Close();
            return null;
        }
    }

    /// <summary>A text of the answer. Addresses and handles need no escapes; where there is .NET, System.Text.Json reads it.</summary>
    static string Read(string json, string name)
    {
        return Regex.Match(json, "\"" + name + "\":\\s*\"([^\"\\\\]*)\"").Groups[1].Value;
    }

    static string Json(string text)
    {
        return "\"" + Regex.Replace(text, "[\"\\\\\\u0000-\\u001f]", match => "\\u" + ((int)match.Value[0]).ToString("x4")) + "\"";
    }

    static string Base64Url(byte[] bytes)
    {
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
